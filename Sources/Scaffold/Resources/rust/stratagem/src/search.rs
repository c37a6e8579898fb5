//! A strategy as one `async` function. No executor and no threads: `next` polls the function
//! once, and each await of an ask is one turn.

use crate::{abi, Answer, Ask, Error, Event, Host, Info, Next, Setup, Strategy, Tell};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::ThreadId;

/// A strategy written as one function that awaits its results. Offer it as `Loop<MySearch>`.
///
/// Await nothing but `ask`: `next` may not wait. Such a strategy cannot be saved.
pub trait Search: Sized + Send + 'static {
    const INFO: Info;
    fn new(setup: &Setup) -> Result<Self, Error>;

    /// The search. When it returns, `answer` is what it found. When the run is stopped, the last
    /// batch comes back as far as it was done, and the next ask is an error: let it pass with `?`.
    /// Write it as `async fn search(&mut self, ask: Asker) -> Result<(), Error>`.
    fn search(&mut self, ask: Asker) -> impl Future<Output = Result<(), Error>> + Send;

    /// The answers so far, best first.
    fn answer(&self, host: &Host) -> Vec<Answer>;
}

#[derive(Default)]
struct Turn {
    asks: Option<Vec<Ask>>,
    tell: Option<Tell>,
    stopped: bool,
    /// The host's address and the thread of the call, while there is one.
    host: Option<(usize, ThreadId)>,
}

/// Asks the host for work, from inside `search`.
#[derive(Clone)]
pub struct Asker(Arc<Mutex<Turn>>);

impl Asker {
    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of `asks`. Suspends until the host has done them.
    pub async fn batch(&self, asks: Vec<Ask>) -> Result<Tell, Error> {
        {
            let mut turn = self.turn();
            if turn.stopped {
                return Err(Error { status: abi::ERROR, why: "the run is over".into(), stopped: true });
            }
            turn.tell = None;
            turn.asks = Some(asks);
        }
        std::future::poll_fn(|_| match self.turn().tell.take() {
            Some(tell) => Poll::Ready(Ok(tell)),
            None => Poll::Pending,
        }).await
    }

    pub async fn one(&self, ask: Ask) -> Result<Tell, Error> {
        self.batch(vec![ask]).await
    }

    /// The host, for as long as `body` runs.
    pub fn with<R>(&self, body: impl FnOnce(&Host) -> R) -> R {
        let (address, thread) = self.turn().host.expect("the host may be called only while the search runs");
        assert!(thread == std::thread::current().id(), "the host may be called only on the search's own thread");
        // Alive: `host` is set only while `next`, which borrows it, is below us on this stack.
        body(&Host::new(unsafe { &*(address as *const abi::Host) }))
    }
}

/// Makes a strategy of a search.
pub struct Loop<S: Search> {
    /// Borrows `*search`: dropped before it.
    future: Option<Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>>,
    search: *mut S,
    asker: Asker,
    is_started: bool,
}

// It owns what it points to, and that is Send.
unsafe impl<S: Search> Send for Loop<S> {}

impl<S: Search> Drop for Loop<S> {
    fn drop(&mut self) {
        self.future = None;
        drop(unsafe { Box::from_raw(self.search) });
    }
}

impl<S: Search> Strategy for Loop<S> {
    const INFO: Info = S::INFO;

    fn new(setup: &Setup) -> Result<Self, Error> {
        let search = Box::into_raw(Box::new(S::new(setup)?));
        let asker = Asker(Arc::new(Mutex::new(Turn::default())));
        // The borrow lives as long as the future, which ends before `search` is used or freed.
        let borrowed: &'static mut S = unsafe { &mut *search };
        Ok(Loop { future: Some(Box::pin(borrowed.search(asker.clone()))), search, asker, is_started: false })
    }

    fn next(&mut self, host: &Host, tell: &Tell) -> Result<Next, Error> {
        if tell.event == Event::Stop && !self.is_started {
            return Ok(Next::Done(Vec::new())); // stopped before it began
        }
        self.is_started = true;
        {
            let mut turn = self.asker.turn();
            turn.stopped = tell.event == Event::Stop;
            turn.host = Some((host.raw as *const abi::Host as usize, std::thread::current().id()));
            if tell.event != Event::Start { turn.tell = Some(tell.clone()); }
        }
        let _end = EndOfTurn(&self.asker);
        let Some(future) = self.future.as_mut() else { return Err(Error::new("the search is over")) };
        let waker = Waker::from(Arc::new(Nobody));
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => match self.asker.turn().asks.take() {
                Some(asks) => Ok(Next::Asks(asks)),
                None => Err(Error::new("the search awaits something other than its asks")),
            },
            Poll::Ready(result) => {
                self.future = None;
                match result {
                    Err(error) if !error.stopped => Err(error),
                    _ => Ok(Next::Done(unsafe { &*self.search }.answer(host))),
                }
            }
        }
    }
}

/// The host is gone when the turn is over, however it ended.
struct EndOfTurn<'a>(&'a Asker);

impl Drop for EndOfTurn<'_> {
    fn drop(&mut self) {
        self.0.turn().host = None;
    }
}

/// Nobody is woken: the host calls `next` when the asks are done.
struct Nobody;

impl Wake for Nobody {
    fn wake(self: Arc<Self>) {}
}
