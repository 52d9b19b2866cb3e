//! Whom a request was meant for. A page elsewhere can point a name of its own at 127.0.0.1 and would then
//! read the site as if it were its own; such a request still names the other host.

use hyper::http::uri::Authority;
use hyper::{HeaderMap, Uri, header};

/// Whether a request names this machine and nothing else. The port may be another one, because a tunnel has
/// its own.
pub(super) fn is_ours(uri: &Uri, headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (named.next(), named.next()) else { return false };
    let Ok(Ok(host)) = host.to_str().map(str::parse::<Authority>) else { return false };
    is_loopback(&host) && uri.authority().is_none_or(is_loopback)
}

fn is_loopback(authority: &Authority) -> bool {
    let name = authority.host().to_ascii_lowercase();
    !authority.as_str().contains('@') && matches!(name.as_str(), "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        is_ours(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn only_this_machine_is_answered_for() {
        for host in ["127.0.0.1:7077", "localhost:7077", "LOCALHOST", "[::1]:1", "localhost:9000"] {
            assert!(asked(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:7077",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.2",
            "user@localhost",
            "localhost, evil.example",
            "0.0.0.0:7077",
            "",
        ] {
            assert!(!asked(host), "{host}");
        }
    }

    #[test]
    fn no_name_or_two_are_none() {
        assert!(!is_ours(&Uri::from_static("/"), &HeaderMap::new()));
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, "localhost".parse().unwrap());
        assert!(is_ours(&Uri::from_static("/"), &headers));
        assert!(!is_ours(&Uri::from_static("http://evil.example/"), &headers));
        headers.append(header::HOST, "evil.example".parse().unwrap());
        assert!(!is_ours(&Uri::from_static("/"), &headers));
    }
}
