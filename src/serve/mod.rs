//! The live server: the site on this machine's own address, built anew when its sources change.
//!
//! It knows pages only as files. What to watch and how to build is a [`Workshop`]'s to say; the command
//! line has one. Three parts work beside each other: a thread that builds ([`work`]), the system's notices
//! of changed files ([`watch`]), and the answers to the browser ([`answer`]). What they share is [`Live`].

mod address;
mod answer;
mod colour;
mod page;
mod place;
mod snapshot;
mod watch;
mod work;

pub use snapshot::{Change, Watched};

use crate::diagnostic::{Code, Diagnostic, Findings};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch as channel;

/// Builds the site that is served.
pub trait Workshop: Send {
    /// What the site is made of, as far as it is known by now.
    fn watched(&self) -> Watched;

    /// Builds what a change asks for, and says what there is to say.
    fn rebuild(&mut self, change: &Change) -> Outcome;
}

/// What became of a build.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Whether the folder holds a whole site by now, be it an older one.
    pub has_site: bool,
    /// Errors, which the pages show.
    pub findings: Findings,
}

/// Where to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// Folder of the built site.
    pub folder: PathBuf,
}

/// What the building thread tells those who answer.
#[derive(Debug, Clone, Default)]
struct Live {
    /// How many builds have ended; 0 before the first.
    builds: u64,
    /// Whether one is under way.
    building: bool,
    /// Whether the folder holds a site.
    has_site: bool,
    /// The errors of the last build, as HTML; empty when it went well.
    trouble: Arc<str>,
}

impl Live {
    /// What a page remembers, to know a newer one when it hears of it. It differs between runs of the
    /// server, so that a page of an older run is not taken for today's.
    fn version(&self) -> String {
        format!("{}.{}", std::process::id(), self.builds)
    }
}

/// Serves until the person ends it with ctrl-c or the system asks the process to end.
///
/// `ready` is called with the address once the first build has ended, well or not.
///
/// # Errors
/// `Q0460` when the address is taken.
pub fn serve(options: Options, workshop: Box<dyn Workshop>, ready: impl FnOnce(SocketAddr)) -> Result<(), Findings> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.map_err(|e| refused(options.port, &e))?;
    let outcome = runtime.block_on(run(options, workshop, ready));
    // Open event streams and a build under way do not hold up the end.
    runtime.shutdown_background();
    outcome
}

async fn run(options: Options, workshop: Box<dyn Workshop>, ready: impl FnOnce(SocketAddr)) -> Result<(), Findings> {
    let ended = ended().map_err(|e| refused(options.port, &e))?;
    // Loopback alone: the site names customers, and nobody else on the network is to see it.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await;
    let listener = listener.map_err(|e| refused(options.port, &e))?;
    let address = listener.local_addr().map_err(|e| refused(options.port, &e))?;
    let (live, news) = channel::channel(Live::default());
    work::start(workshop, live);
    let mut first = news.clone();
    let announced = async move {
        if first.wait_for(|l| l.builds > 0).await.is_ok() {
            ready(address);
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = answer::forever(listener, options.folder.into(), news) => {}
        () = announced => {}
        () = ended => {}
    }
    Ok(())
}

/// Resolves when the process is asked to end.
#[cfg(unix)]
fn ended() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves when the process is asked to end.
#[cfg(not(unix))]
fn ended() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

fn refused(port: u16, error: &std::io::Error) -> Findings {
    let mut findings = Findings::new();
    findings.push(
        Diagnostic::error(Code::PortRefused, format!("cannot serve on `127.0.0.1:{port}`: {error}"))
            .with_help("name another port with `--port N`, or let the system choose one with `--port 0`"),
    );
    findings
}
