//! `qunce serve`: a program that keeps running, asked over plain sockets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Workspace, program, project};

/// Longer than any build of these small workspaces takes on a machine that does other things, too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server, which ends with the test.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(workspace: &Workspace) -> Self {
        let mut command = program();
        command.current_dir(workspace.path()).args(["serve", "--port", "0", "--open", "no"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let port = loop {
            let mut line = String::new();
            assert!(out.read_line(&mut line).unwrap() > 0, "it ended: {said}");
            said.push_str(&line);
            if let Some(rest) = line.strip_prefix("serving http://127.0.0.1:") {
                break rest.split('/').next().unwrap().parse().unwrap();
            }
        };
        // What it says later is read, so that it can go on saying it.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Self { child, port }
    }

    /// What the server answers to a request that is sent as it stands.
    fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    fn ask(&self, method: &str, path: &str, host: &str) -> Answer {
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "127.0.0.1")
    }

    fn events(&self) -> Events {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(b"GET /.qunce/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut events = Events { lines: BufReader::new(stream), version: String::new() };
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(events.lines.read_line(&mut head).unwrap() > 0);
        }
        assert!(head.to_lowercase().contains("content-type: text/event-stream"), "{head}");
        events.next();
        events
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    #[track_caller]
    fn has(&self, header: &str) -> &Self {
        assert!(self.head.lines().any(|l| l == header), "{header}\n{}", self.head);
        self
    }
}

/// The stream by which pages learn of builds.
struct Events {
    lines: BufReader<TcpStream>,
    version: String,
}

impl Events {
    /// Waits for a version other than the last one.
    fn next(&mut self) {
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the stream ended");
            if let Some(version) = line.trim_end().strip_prefix("data: ").filter(|v| *v != self.version) {
                self.version = version.to_owned();
                return;
            }
        }
    }

    /// Waits for builds until a page is as it should be.
    #[track_caller]
    fn until(&mut self, server: &Server, path: &str, fits: impl Fn(&Answer) -> bool) -> Answer {
        let since = Instant::now();
        loop {
            self.next();
            let answer = server.get(path);
            // A page knows the version that it belongs to; it may be ahead of the last event, never behind.
            if fits(&answer) && answer.body.contains(&format!("data-version=\"{}\"", self.version)) {
                return answer;
            }
            assert!(since.elapsed() < PATIENCE, "{path} stays otherwise:\n{}", answer.body);
        }
    }
}

/// One group with few rows.
fn small() -> Workspace {
    Workspace::copy(&project("tests/workspaces/minimal"))
}

const PAGE: &str = "/groups/g1/";

#[test]
fn changes_of_templates_playbooks_and_data_reach_the_page() {
    let workspace = small();
    let server = Server::start(&workspace);
    let mut events = server.events();
    let home = server.get("/");
    assert_eq!(home.status, 200);
    assert!(home.body.contains("<script src=\"/.qunce/live.js\"") && home.body.contains("Green tea"));

    // A template of one's own, where there was no folder for templates before.
    let template = |h1: &str| format!("{{% extends \"base.html\" %}}{{% block main %}}<h1>{h1}</h1>{{% endblock %}}");
    workspace.write("templates/group.html", template("one"));
    events.until(&server, PAGE, |a| a.body.contains("<h1>one</h1>"));
    workspace.write("templates/group.html", template("two"));
    events.until(&server, PAGE, |a| a.body.contains("<h1>two</h1>"));
    workspace.write("templates/assets/own.css", "p { color: red }");
    events.until(&server, "/", |_| server.get("/assets/own.css").body == "p { color: red }");
    fs::remove_dir_all(workspace.path().join("templates")).unwrap();
    events.until(&server, PAGE, |a| !a.body.contains("<h1>two</h1>"));

    let groups = workspace.read("data/groups.csv");
    workspace.write("data/groups.csv", groups.replace("Green tea", "White tea"));
    events.until(&server, "/", |a| a.body.contains("White tea") && !a.body.contains("Green tea"));

    let playbook = workspace.read("playbooks/tea.toml");
    workspace.write("playbooks/tea.toml", playbook.replace("Tea lovers", "Lovers of tea"));
    events.until(&server, "/", |a| a.body.contains("Lovers of tea"));

    let config = workspace.read("qunce.toml");
    workspace.write("qunce.toml", config.replace("\"Tea\"", "\"Cha\""));
    events.until(&server, "/", |a| a.body.contains("Cha"));

    // What is written is what a build would have written: the script is only in what is served.
    assert!(!workspace.has("out"), "a draft is not the published site");
    for (path, bytes) in workspace.tree(".qunce/serve") {
        assert!(!String::from_utf8_lossy(&bytes).contains(".qunce/live"), "{path}");
    }
    workspace.run(&["build"]).well();
    assert!(workspace.tree("out") == workspace.tree(".qunce/serve"));
}

#[test]
fn errors_show_in_the_page_until_they_are_mended() {
    let workspace = small();
    let server = Server::start(&workspace);
    let mut events = server.events();
    let sound = workspace.read("playbooks/tea.toml");

    workspace.write("playbooks/tea.toml", sound.replace("weight = 2", "wieght = 2 # <script>alert(1)</script>"));
    let broken = events.until(&server, PAGE, |a| text_of(&a.body).contains("Q0003"));
    assert_eq!(broken.status, 200, "the old site stays");
    assert!(broken.body.contains("Green tea") && broken.body.contains("role=\"alert\""));
    let told = text_of(&broken.body);
    let terminal = workspace.run(&["check"]);
    assert_eq!(terminal.code, 3);
    let said = terminal.err.lines().find(|l| l.starts_with("error[Q0003]")).unwrap();
    assert!(told.contains(&escaped(said)), "{said} is not in {told}");
    assert!(told.contains("playbooks/tea.toml:"), "{told}");
    assert!(!broken.body.contains("<script>alert"), "a playbook's text is only ever text");

    // A template is faulty as well; the playbook is mended first.
    workspace.write("templates/index.html", "{{ nowhere.to.be.seen }}");
    events.until(&server, "/", |a| text_of(&a.body).contains("Q0402"));
    workspace.write("playbooks/tea.toml", &sound);
    events.until(&server, "/", |a| text_of(&a.body).contains("Q0402") && !text_of(&a.body).contains("Q0003"));
    fs::remove_file(workspace.path().join("templates/index.html")).unwrap();
    events.until(&server, "/", |a| !a.body.contains("role=\"alert\"") && a.body.contains("Green tea"));

    workspace.write("data/messages.csv", "message_id,sent_at\n1,x\n");
    events.until(&server, "/", |a| text_of(&a.body).contains("data/messages.csv"));
}

#[test]
fn a_workspace_that_is_broken_from_the_start_is_served_once_it_is_mended() {
    let workspace = small();
    let config = workspace.read("qunce.toml");
    workspace.write("qunce.toml", "[site\n");
    let server = Server::start(&workspace);
    let page = server.get(PAGE);
    assert_eq!(page.status, 500);
    assert!(text_of(&page.body).contains("qunce.toml:1"), "{}", page.body);
    let mut events = server.events();
    workspace.write("qunce.toml", config);
    let mended = events.until(&server, PAGE, |a| a.status == 200);
    assert!(mended.body.contains("Green tea") && !mended.body.contains("role=\"alert\""));
}

#[test]
fn nothing_but_the_site_is_given_out_and_only_to_this_machine() {
    let workspace = small();
    workspace.write("secret.txt", "secret");
    let server = Server::start(&workspace);
    for path in [
        "/../../secret.txt",
        "/%2e%2e/%2e%2e/secret.txt",
        "/groups/..%2f..%2f..%2fsecret.txt",
        "/..%5c..%5csecret.txt",
        "/groups/../../../secret.txt",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/.qunce-site",
        "/.qunce/../../../secret.txt",
        "/.qunce/serve.lock",
        "/groups/",
        "/missing.html",
        "/index.html%00",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}\n{}", answer.body);
        assert!(!answer.body.contains("secret") && !answer.body.contains("root:"), "{path}");
    }
    assert_eq!(server.get("secret.txt").status, 403, "a name without a slash is a host");
    for host in ["evil.example", "evil.example:80", "localhost.evil.example"] {
        assert_eq!(server.ask("GET", "/", host).status, 403, "{host}");
    }
    assert_eq!(server.send("GET / HTTP/1.0\r\n\r\n").status, 403, "no host is none of ours");
    assert_eq!(server.ask("GET", "/", &format!("localhost:{}", server.port)).status, 200);
    assert_eq!(server.ask("POST", "/", "localhost").status, 405);
    let refused = TcpStream::connect(("127.0.0.2", server.port));
    assert!(refused.is_err(), "it listens on 127.0.0.1 and nowhere else");
}

#[test]
fn files_have_their_types_and_are_never_kept_by_the_browser() {
    let workspace = small();
    let server = Server::start(&workspace);
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/groups/g1/manual.html", "text/html; charset=utf-8"),
        ("/assets/style.css", "text/css; charset=utf-8"),
        ("/assets/site.js", "text/javascript; charset=utf-8"),
        ("/api/index.json", "application/json"),
        ("/groups/g1/report.md", "text/markdown; charset=utf-8"),
        ("/.qunce/live.js", "text/javascript; charset=utf-8"),
        ("/.qunce/worker.js", "text/javascript; charset=utf-8"),
        ("/.qunce/live.css", "text/css; charset=utf-8"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        answer.has(&format!("content-type: {kind}")).has("cache-control: no-store");
        answer.has("x-content-type-options: nosniff").has("cross-origin-resource-policy: same-origin");
    }
    let folder = server.get("/groups/g1");
    assert_eq!(folder.status, 307);
    folder.has("location: /groups/g1/");
    let (head, page) = (server.ask("HEAD", "/", "localhost"), server.get("/"));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    head.has(&format!("content-length: {}", page.body.len()));
}

#[test]
fn a_workspace_and_a_port_are_served_once() {
    let workspace = small();
    let server = Server::start(&workspace);
    let second = workspace.run(&["serve", "--port", "0", "--open", "no"]);
    assert_eq!(second.code, 3);
    assert!(second.err.contains("Q0461"), "{}", second.err);
    let other = small();
    let taken = other.run(&["serve", "--port", &server.port.to_string(), "--open", "no"]);
    assert_eq!(taken.code, 3);
    assert!(taken.err.contains("Q0460") && taken.err.contains("--port 0"), "{}", taken.err);
    assert_eq!(other.run(&["serve", "--port", "0", "--period", "soon"]).code, 2);
    assert_eq!(Workspace::empty().run(&["serve", "--port", "0"]).code, 3);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_cleanly_even_while_pages_listen() {
    let workspace = small();
    let mut server = Server::start(&workspace);
    let mut events = server.events();
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let since = Instant::now();
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        assert!(since.elapsed() < PATIENCE, "it still runs");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(0));
    // The stream ends with it, and this reading with the stream.
    let _ = events.lines.read_to_end(&mut Vec::new());
    drop(Server::start(&workspace));
}

/// A page's text: tags are left out, entities stay.
fn text_of(html: &str) -> String {
    html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
