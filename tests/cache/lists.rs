//! Lists: groups, members, products and posts, of which what did not change is not read again either.

use crate::drop::day;
use crate::{ALL, LISTS, kept};
use std::fs;

#[test]
fn a_weekly_file_of_posts_stands_in_front_of_the_others() {
    let (bench, mut drop, _) = kept();
    // Later in the alphabet, so newer, and at an earlier time than some; shows what none showed before.
    let rows = ["z,g1,2025-03-10 09:00,promo,p9", "a,a group with a long id,2025-03-28 09:00,promo,p1"];
    drop.files.insert("posts-w77".to_owned(), rows.map(str::to_owned).into());
    drop.write(bench.root());
    assert_eq!(bench.agree().unwrap(), ALL, "nothing else is read");
    drop.files.remove("posts-w77");
    drop.write(bench.root());
    assert!(bench.agree().unwrap() < ALL, "a post that rows named is gone");
}

#[test]
fn a_file_of_new_members_stands_in_front_of_the_others() {
    let (bench, mut drop, _) = kept();
    // Between and behind those who are there.
    let rows = ["g1,z,2025-03-10,member", "a group with a long id,m2b,2025-03-20,koc", "g1,m11,2025-03-20,"];
    drop.files.insert("members-w77".to_owned(), rows.map(str::to_owned).into());
    drop.write(bench.root());
    assert_eq!(bench.agree().unwrap(), ALL - 4, "orders without a group ask for the memberships of their buyers");
    assert_eq!(bench.agree().unwrap(), ALL + 1);
}

#[test]
fn who_comes_again_in_a_newer_file_is_read_again() {
    let (bench, mut drop, _) = kept();
    let rows = ["g1,m1,2025-01-02,member"];
    drop.files.insert("members-w77".to_owned(), rows.map(str::to_owned).into());
    drop.write(bench.root());
    assert_eq!(bench.agree().unwrap(), ALL - 1, "the older list");
}

#[test]
fn who_had_not_joined_yet_joins_in_time() {
    let (bench, mut drop, mut dice) = kept();
    drop.files.get_mut("members").unwrap().push(format!("g1,soon,{},member", day(4, 0)));
    drop.write(bench.root());
    bench.agree().unwrap();
    let before = drop.files.len();
    drop.week(&mut dice);
    drop.write(bench.root());
    let known = bench.agree().unwrap();
    assert!(known < before && known > 0, "{known} of {before}: the list of members at least");
}

#[test]
fn a_list_written_anew_is_read_alone() {
    for list in ["products", "members", "posts"] {
        let (bench, drop, _) = kept();
        let path = bench.root().join(format!("data/{list}.csv"));
        let text = fs::read_to_string(&path).unwrap();
        // Another file with the same rows.
        fs::write(&path, text.replace('\n', "\r\n")).unwrap();
        let posts = drop.files.keys().filter(|f| f.starts_with("posts")).count();
        let own = if list == "posts" { posts } else { 1 };
        assert_eq!(bench.agree().unwrap(), ALL - own, "{list}");
        assert_eq!(bench.agree().unwrap(), ALL, "{list}");
    }
    assert_eq!(LISTS, 4);
}
