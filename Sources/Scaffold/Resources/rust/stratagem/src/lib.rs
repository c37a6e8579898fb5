//! stratagem.h for Rust, without dependencies and without `unsafe` on the author's side.
//!
//! A [`Strategy`] is a value with one method, `next`; [`Search`] is the same as one `async`
//! function. [`plugin!`] makes them the one exported function that the host looks for. What
//! a strategy returns as an error, or panics with, ends its own run with those words.

pub mod abi;
mod ask;
mod boundary;
mod host;
mod info;
mod ranking;
mod search;

pub use ask::{Answer, Ask, Next, Sampling, Value};
pub use boundary::Plugin;
pub use host::{Budget, Event, Host, Level, Node, NodeInfo, Outcome, Setup, Tell, Told};
pub use info::{Info, Param, Role};
pub use ranking::{Harvest, Selection};
pub use search::{Asker, Loop, Search};

/// Why a strategy cannot go on, in words for the user.
#[derive(Debug, Clone)]
pub struct Error {
    pub status: i32,
    pub why: String,
    pub(crate) stopped: bool,
}

impl Error {
    pub fn new(why: impl Into<String>) -> Error {
        Error { status: abi::ERROR, why: why.into(), stopped: false }
    }

    pub fn with_status(status: i32, why: impl Into<String>) -> Error {
        Error { status, why: why.into(), stopped: false }
    }

    /// For `restore`: the bytes are nothing that `save` wrote.
    pub fn bad_state() -> Error {
        Error::with_status(abi::INVALID_ARGUMENT, "the saved state is damaged")
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Error {}

/// A search strategy: one value for each problem at work.
///
/// Calls on one value never overlap, but may come from different threads one after another.
pub trait Strategy: Sized + Send + 'static {
    const INFO: Info;

    /// A new run. No work may be asked for yet; an error refuses the run.
    fn new(setup: &Setup) -> Result<Self, Error>;

    /// One turn, in microseconds: never wait. After `Next::Done`, or an error, it is not called again.
    fn next(&mut self, host: &Host, tell: &Tell) -> Result<Next, Error>;

    /// Whether `save` and `restore` are there: a strategy that can be carried to another
    /// process between two turns.
    const RESUMABLE: bool = false;

    /// Everything that `new` cannot work out again from the setup.
    fn save(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Goes on exactly where `save` left off. Any bytes may come: `Error::bad_state` where they do not fit.
    fn restore(_setup: &Setup, _state: &[u8]) -> Result<Self, Error> {
        Err(Error::bad_state())
    }
}

/// Exports the plugin: `plugin!("my-search", "0.1.0", [MySearch, Loop<MyOther>]);`, once.
#[macro_export]
macro_rules! plugin {
    ($name:expr, $version:expr, [$($strategy:ty),+ $(,)?]) => {
        #[no_mangle]
        pub extern "C" fn stg_plugin_entry() -> *const $crate::abi::Plugin {
            static PLUGIN: std::sync::OnceLock<$crate::Plugin> = std::sync::OnceLock::new();
            PLUGIN.get_or_init(|| $crate::Plugin::new($name, $version).$(with::<$strategy>()).+).block()
        }
    };
}
