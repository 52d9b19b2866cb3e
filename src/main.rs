//! The `qunce` binary: maps a result to an exit code, nothing else.

// Pages are made of some ten million short texts; the system's allocators take a third of all time for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    qunce::cli::run()
}
