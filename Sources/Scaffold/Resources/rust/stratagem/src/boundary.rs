//! The C functions of every strategy. Nothing that Rust throws leaves them.

use crate::ask::Outbox;
use crate::{abi, Error, Host, Setup, Strategy, Tell};
use std::panic::{catch_unwind, AssertUnwindSafe};

struct Instance<S> {
    host: *const abi::Host,
    strategy: S,
    outbox: Outbox,
}

/// Runs `body`; its error or its panic becomes a status and words.
fn guarded(host: &Host, body: impl FnOnce() -> Result<(), Error>) -> i32 {
    let error = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return abi::OK,
        Ok(Err(error)) => error,
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Error::new(format!("it panicked: {}", words.unwrap_or("without words")))
        }
    };
    host.set_error(error.status, &error.why);
    error.status
}

unsafe fn make<S: Strategy>(host: *const abi::Host, info: *const abi::CreateInfo, out: *mut *mut abi::Instance,
                            state: Option<&[u8]>) -> i32 {
    let (Some(raw_host), Some(raw)) = (host.as_ref(), info.as_ref()) else { return abi::INVALID_ARGUMENT };
    if out.is_null() || raw.problem_count < 1 || raw.problems.is_null() { return abi::INVALID_ARGUMENT; }
    guarded(&Host::new(raw_host), || {
        let setup = Setup { host: Host::new(raw_host), raw, params: S::INFO.params };
        let strategy = match state {
            Some(state) => S::restore(&setup, state)?,
            None => S::new(&setup)?,
        };
        *out = Box::into_raw(Box::new(Instance { host, strategy, outbox: Outbox::new() })).cast();
        Ok(())
    })
}

unsafe extern "C" fn create<S: Strategy>(host: *const abi::Host, info: *const abi::CreateInfo, out: *mut *mut abi::Instance) -> i32 {
    make::<S>(host, info, out, None)
}

unsafe extern "C" fn restore<S: Strategy>(host: *const abi::Host, info: *const abi::CreateInfo, state: abi::Str,
                                          out: *mut *mut abi::Instance) -> i32 {
    make::<S>(host, info, out, Some(state.bytes()))
}

unsafe extern "C" fn next<S: Strategy>(instance: *mut abi::Instance, tell: *const abi::Tell, out: *mut abi::Next) -> i32 {
    let (Some(instance), Some(tell), Some(out)) = (instance.cast::<Instance<S>>().as_mut(), tell.as_ref(), out.as_mut()) else {
        return abi::INVALID_ARGUMENT;
    };
    let host = Host::new(&*instance.host);
    guarded(&host, || {
        let turn = instance.strategy.next(&host, &Tell::copy(tell))?;
        instance.outbox.fill(turn, out);
        Ok(())
    })
}

unsafe extern "C" fn save<S: Strategy>(instance: *mut abi::Instance, out: *mut abi::Str) -> i32 {
    let (Some(instance), Some(out)) = (instance.cast::<Instance<S>>().as_mut(), out.as_mut()) else { return abi::INVALID_ARGUMENT };
    guarded(&Host::new(&*instance.host), || {
        instance.outbox.state = instance.strategy.save();
        *out = abi::Str::new(&instance.outbox.state);
        Ok(())
    })
}

unsafe extern "C" fn destroy<S: Strategy>(instance: *mut abi::Instance) {
    if instance.is_null() { return; }
    // Even a destructor that panics must not cross.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(Box::from_raw(instance.cast::<Instance<S>>()))));
}

/// The block that `stg_plugin_entry` returns. Made by `plugin!`, and never freed.
pub struct Plugin {
    block: &'static mut abi::Plugin,
}

// Constant once it is made.
unsafe impl Send for Plugin {}
unsafe impl Sync for Plugin {}

impl Plugin {
    pub fn new(name: &'static str, version: &'static str) -> Plugin {
        let block = abi::Plugin {
            magic: abi::MAGIC,
            struct_size: std::mem::size_of::<abi::Plugin>() as u32,
            abi_major: abi::MAJOR,
            abi_minor: abi::MINOR,
            name: abi::Str::new(name.as_bytes()),
            version: abi::Str::new(version.as_bytes()),
            strategies: std::ptr::null(),
            strategy_count: 0,
            functions: std::ptr::null(),
            function_count: 0,
            get_extension: std::ptr::null(),
        };
        Plugin { block: Box::leak(Box::new(block)) }
    }

    pub fn with<S: Strategy>(self) -> Plugin {
        let params: Vec<abi::Param> = S::INFO.params.iter().map(|param| param.descriptor()).collect();
        let roles: Vec<abi::Role> = S::INFO.roles.iter().map(|role| role.descriptor()).collect();
        let strategy: &'static abi::Strategy = Box::leak(Box::new(abi::Strategy {
            struct_size: std::mem::size_of::<abi::Strategy>() as u32,
            flags: if S::INFO.takes_batch { abi::STRATEGY_BATCH } else { 0 },
            id: abi::Str::new(S::INFO.id.as_bytes()),
            name: abi::Str::new(S::INFO.name.as_bytes()),
            version: abi::Str::new(S::INFO.version.as_bytes()),
            summary: abi::Str::new(S::INFO.summary.as_bytes()),
            param_count: params.len(),
            params: if params.is_empty() { std::ptr::null() } else { params.leak().as_ptr() },
            create: Some(create::<S>),
            next: Some(next::<S>),
            save: S::RESUMABLE.then_some(save::<S> as abi::Save),
            restore: S::RESUMABLE.then_some(restore::<S> as abi::Restore),
            destroy: Some(destroy::<S>),
            role_count: roles.len(),
            roles: if roles.is_empty() { std::ptr::null() } else { roles.leak().as_ptr() },
        }));
        let known = unsafe {
            if self.block.strategies.is_null() { &[] } else { std::slice::from_raw_parts(self.block.strategies, self.block.strategy_count) }
        };
        let mut all: Vec<*const abi::Strategy> = known.to_vec();
        all.push(strategy);
        self.block.strategy_count = all.len();
        self.block.strategies = all.leak().as_ptr();
        self
    }

    pub fn block(&self) -> *const abi::Plugin {
        self.block
    }
}
