//! The `qunce` binary: maps a result to an exit code, nothing else.

fn main() -> std::process::ExitCode {
    qunce::cli::run()
}
