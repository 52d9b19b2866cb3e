//! Workflows for CI services, written by `qunce init --ci`.

use super::arguments::CiService;

const GITHUB: &str = include_str!("starter/ci/github.yml");
const GITLAB: &str = include_str!("starter/ci/gitlab.yml");

/// The file of a service's workflow in the repository, with its content.
pub(super) fn workflow(service: CiService) -> (&'static str, String) {
    let (path, text) = match service {
        CiService::Github => (".github/workflows/qunce.yml", GITHUB),
        CiService::Gitlab => (".gitlab-ci.yml", GITLAB),
    };
    // The version that wrote it is the one that it runs, so that scores change only on purpose.
    (path, text.replace("%VERSION%", env!("CARGO_PKG_VERSION")))
}

/// What is left to do by hand.
pub(super) fn next(service: CiService) -> &'static str {
    match service {
        CiService::Github => {
            "\nin the repository's settings: Pages from GitHub Actions; a secret QUNCE_KEY, so that nobody else\n\
             can compute the codes of members\n"
        }
        CiService::Gitlab => {
            "\nin the project's settings: a masked variable QUNCE_KEY, so that nobody else can compute the codes\n\
             of members; a masked variable QUNCE_TOKEN with the scope `api` for the comments\n"
        }
    }
}
