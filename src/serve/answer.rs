//! Answers to the browser.

use super::place::{Place, content_type, find};
use super::{Live, address, page};
use crate::fs;
use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch::Receiver;

/// An open stream says something at least this often, so that a client that went away is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A whole text, or a stream of events.
type Body = Either<Full<Bytes>, Channel<Bytes>>;

/// Accepts connections for ever.
pub(super) async fn forever(listener: TcpListener, folder: Arc<Path>, live: Receiver<Live>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file handles, most likely: others must end first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (folder, live) = (Arc::clone(&folder), live.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let (folder, live) = (Arc::clone(&folder), live.clone());
                async move { Ok::<_, Infallible>(answer(&request, folder, live).await) }
            });
            // A connection that breaks concerns nobody but its client.
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(30))
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(request: &Request<Incoming>, folder: Arc<Path>, mut live: Receiver<Live>) -> Response<Body> {
    if !address::is_ours(request.uri(), request.headers()) {
        return plain(StatusCode::FORBIDDEN, "this server answers for `localhost` and `127.0.0.1` alone\n");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "this server only reads\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let path = request.uri().path().to_owned();
    if let Some(name) = path.strip_prefix(page::OWN) {
        return match page::own(name) {
            Some((kind, text)) => whole(StatusCode::OK, kind, text.as_bytes()),
            None if name == "events" => events(live),
            None => plain(StatusCode::NOT_FOUND, "there is no such file\n"),
        };
    }
    // Whoever comes before the first build has ended waits for it.
    let Ok(now) = live.wait_for(|l| l.builds > 0).await.map(|l| l.clone()) else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "the server ends\n");
    };
    if !now.has_site {
        let text = "<p>还没有建好的网站。</p><p lang=\"en\">There is no site yet.</p>";
        let page = page::without_site("qunce serve", text, &now);
        return whole(StatusCode::INTERNAL_SERVER_ERROR, "text/html; charset=utf-8", &page);
    }
    let mut found = look(&folder, &path, &now).await;
    if found.is_none() && live.borrow().building {
        // While a new site takes the old one's place, files are missing for a moment.
        let now = live.wait_for(|l| !l.building).await.map(|l| l.clone()).unwrap_or(now.clone());
        found = look(&folder, &path, &now).await;
    }
    found.unwrap_or_else(|| {
        let text = "<p>这里没有页面。<a href=\"/\">回首页</a></p>\
                    <p lang=\"en\">There is no page here. <a href=\"/\">All groups</a></p>";
        whole(StatusCode::NOT_FOUND, "text/html; charset=utf-8", &page::without_site("404", text, &now))
    })
}

/// The file at a path, `None` when there is none.
async fn look(folder: &Arc<Path>, path: &str, live: &Live) -> Option<Response<Body>> {
    let (folder, asked) = (Arc::clone(folder), path.to_owned());
    let read = tokio::task::spawn_blocking(move || match find(&folder, &asked) {
        Place::File(file) => fs::read(&file).ok().map(|bytes| Some((content_type(&file), bytes))),
        Place::Folder => Some(None),
        Place::Nothing => None,
    });
    match read.await.ok()?? {
        Some((kind, bytes)) if kind.starts_with("text/html") => {
            Some(whole(StatusCode::OK, kind, &page::with_live(&bytes, live)))
        }
        Some((kind, bytes)) => Some(whole(StatusCode::OK, kind, &bytes)),
        None => {
            let mut response = plain(StatusCode::TEMPORARY_REDIRECT, "");
            // The path has passed as that of a folder, so it starts with one slash and stays on this host.
            let to = HeaderValue::from_str(&format!("{path}/")).ok()?;
            response.headers_mut().insert(header::LOCATION, to);
            Some(response)
        }
    }
}

/// A stream that tells the version of the site, now and after every build.
fn events(mut live: Receiver<Live>) -> Response<Body> {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        let mut told = String::new();
        loop {
            let (builds, version) = {
                let now = live.borrow_and_update();
                (now.builds, now.version())
            };
            let message = if builds > 0 && version != told {
                told.clone_from(&version);
                format!("event: site\ndata: {version}\n\n")
            } else {
                ": still here\n\n".to_owned()
            };
            if sender.send_data(Bytes::from(message)).await.is_err() {
                return;
            }
            if let Ok(Err(_)) = tokio::time::timeout(HEARTBEAT, live.changed()).await {
                return;
            }
        }
    });
    finish(Response::new(Either::Right(body)), StatusCode::OK, "text/event-stream")
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    whole(status, "text/plain; charset=utf-8", text.as_bytes())
}

fn whole(status: StatusCode, kind: &'static str, bytes: &[u8]) -> Response<Body> {
    finish(Response::new(Either::Left(Full::new(Bytes::copy_from_slice(bytes)))), status, kind)
}

/// The headers that every answer has.
fn finish(mut response: Response<Body>, status: StatusCode, kind: &'static str) -> Response<Body> {
    *response.status_mut() = status;
    const FIXED: [(HeaderName, &str); 4] = [
        // A draft is never to be taken for the present one.
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Pages of other origins cannot embed what is served here.
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
