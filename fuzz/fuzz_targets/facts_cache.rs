//! Bytes as the facts that an earlier run kept: as they come they are refused and everything is read; behind a right
//! hash they may be wrong, and still nothing panics and no count is believed without its bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qunce::config::Config;
use qunce::data::{discover, hash_of};
use qunce::diagnostic::Findings;
use qunce::measure::{Asked, FactsCache, Plan, Request, measure};
use qunce::playbook::{Grain, Library, built_in};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Magic, version and hash.
const HEAD: usize = 28;

struct Known {
    folder: tempfile::TempDir,
    file: PathBuf,
    bytes: Vec<u8>,
    told: String,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("data/groups.csv", "group_id,name,playbook,created_on\ng1,One,low_price,2025-01-01\n");
    write("data/members.csv", "group_id,member_id,joined_at\ng1,m1,2025-01-02\ng1,m2,2025-01-02\n");
    write(
        "data/messages-w01.csv",
        "message_id,group_id,member_id,sent_at,kind,reply_to\n\
         1,g1,m1,2025-05-05 10:00,question,\n2,g1,m2,2025-05-06 10:00,text,1\n3,g2,m2,2025-05-07 10:00,text,\n",
    );
    write(
        "data/orders-w01.csv",
        "order_id,group_id,member_id,paid_at,amount,product_id\n1,g1,m1,2025-05-05 10:00,10.5,p\n2,,m2,2025-05-06 10:00,1,\n",
    );
    let told = run(folder.path());
    let file = fs::read_dir(folder.path().join("facts")).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&file).unwrap();
    Known { folder, file, bytes, told }
});

fn run(root: &Path) -> String {
    let mut findings = Findings::new();
    let config = Config::default();
    let library = Library::load(&built_in(), None, &config.site.languages, &mut findings);
    let playbook = library.resolve("low_price", None, None).unwrap();
    let mut plan = Plan::new([&*playbook]);
    for id in playbook.measures.keys() {
        for grain in [Grain::Group, Grain::Member, Grain::Product] {
            let _ = plan.ask(&playbook, &Asked::parse(id).unwrap(), grain, false);
        }
    }
    let sources = discover(root, &config, &mut findings);
    let folder = root.join("facts");
    let cache = Some(FactsCache { folder: &folder, least: 0 });
    let (as_of, period) = (None, None);
    let request =
        Request { sources: &sources, config: &config, as_of, period, quarantine: &|_| None, cache, progress: &|_| {} };
    match measure(plan, request) {
        Ok((facts, told)) => format!("{told:?} {:?}", facts.reports),
        Err(told) => format!("{told:?}"),
    }
}

fuzz_target!(|edits: &[u8]| {
    let known = &*KNOWN;
    fs::write(&known.file, edits).unwrap();
    assert_eq!(run(known.folder.path()), known.told);
    // Each edit is a place and what stands there then.
    let mut bytes = known.bytes.clone();
    for edit in edits.chunks_exact(4) {
        let place = HEAD + usize::from(u16::from_le_bytes([edit[0], edit[1]])) % (bytes.len() - HEAD);
        bytes[place] = edit[2];
        if edit[3] == 255 {
            bytes.truncate(place.max(HEAD + 1));
        }
    }
    let hash = hash_of(&bytes[HEAD..]);
    bytes[12..20].copy_from_slice(&hash[0].to_le_bytes());
    bytes[20..HEAD].copy_from_slice(&hash[1].to_le_bytes());
    fs::write(&known.file, &bytes).unwrap();
    let _ = run(known.folder.path());
});
