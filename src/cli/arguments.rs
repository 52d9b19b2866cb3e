//! What can be asked on the command line. The help texts are the reference.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Operating manuals and scored health reports for chat communities.
///
/// Consultants write TOML playbooks; exports of chats, events and orders are dropped as CSV beside
/// them; `qunce build` joins the two into a static site that says which groups are in trouble, why,
/// and what to do this week.
#[derive(Debug, Parser)]
#[command(name = "qunce", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "\
Try it:
  qunce init demo              make a workspace
  qunce sample demo/data       fill it with a made-up drop
  qunce build -w demo          write demo/out, then open demo/out/index.html

Exit codes: 0 ok · 2 wrong usage · 3 bad configuration, playbook or data · 4 input/output")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a workspace: a documented qunce.toml, a playbook to extend, an empty data folder
    Init(InitOptions),
    /// Read the drop, judge every group and write the site
    Build(BuildOptions),
    /// Check the configuration and all playbooks without reading data
    Check(CheckOptions),
    /// Write a made-up drop with planted problems, the same for the same seed
    Sample(SampleArguments),
    /// Show where a group's numbers come from: rows, filters, thresholds with file and line
    Explain(ExplainOptions),
    /// Print the JSON Schema of a file, by which editors complete and check it
    Schema(SchemaOptions),
    /// Print a script that completes commands and options in a shell
    Completions(CompletionsOptions),
    /// Write the man pages to a folder
    Man(ManOptions),
    /// Read the drop and measure it, judge nothing, write nothing; for benchmarks
    #[command(hide = true)]
    Measure(MeasureOptions),
}

/// Which workspace.
#[derive(Debug, Args)]
pub struct WorkspaceOption {
    /// Folder with qunce.toml [default: the nearest one from here upwards]
    #[arg(short, long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
}

/// Options of `qunce measure`.
#[derive(Debug, Args)]
pub struct MeasureOptions {
    #[command(flatten)]
    pub workspace: WorkspaceOption,
    #[command(flatten)]
    pub time: TimeOptions,
}

/// Until when, and which period.
#[derive(Debug, Args)]
pub struct TimeOptions {
    /// Ignore everything after this day or moment (2025-05-11 or 2025-05-11T18:00)
    /// [default: the last moment found in the data]
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// Report this week or month (2025-W19 or 2025-05) [default: the last complete one]
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<String>,
}

/// `qunce init`
#[derive(Debug, Args)]
#[command(after_help = "Existing files are never overwritten.")]
pub struct InitOptions {
    /// Folder to make
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Group type that the starting playbook extends
    #[arg(long, value_enum, default_value_t = GroupType::Vip)]
    pub r#type: GroupType,
    /// Also write the workflow of a CI service: check and compare on merge requests, build and publish
    /// on data drops
    #[arg(long, value_enum)]
    pub ci: Option<CiService>,
}

/// CI services that a workflow can be written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CiService {
    /// .github/workflows/qunce.yml, published by GitHub Pages
    Github,
    /// .gitlab-ci.yml, published by GitLab Pages
    Gitlab,
}

/// The shipped group types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum GroupType {
    /// Cheap offers that gather people
    LowPrice,
    /// Personal service for the best customers
    Vip,
    /// Benefits and points
    Freebie,
    /// Knowledge that leads to purchases
    Content,
}

/// `qunce build`
#[derive(Debug, Args)]
#[command(after_help = "\
The site goes to `output` of qunce.toml (`out`). It opens from the folder, needs no server and makes
no request. The same input gives the same bytes.")]
pub struct BuildOptions {
    /// Which workspace
    #[command(flatten)]
    pub workspace: WorkspaceOption,
    /// Write the site here instead
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// When
    #[command(flatten)]
    pub time: TimeOptions,
    /// Say nothing but warnings and errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// `qunce check`
#[derive(Debug, Args)]
#[command(after_help = "\
Everything wrong is told at once, with file, line and column. Warnings tell of gaps in the method,
such as a KPI that can fail without any tactic to answer it.")]
pub struct CheckOptions {
    /// Which workspace
    #[command(flatten)]
    pub workspace: WorkspaceOption,
}

/// `qunce sample`
#[derive(Debug, Args)]
#[command(after_help = "\
At activity 1 a member makes about 2.5 rows a week. Raise --activity, --members, --groups and
--weeks together for drops of any size; rows are streamed, so memory follows members only.")]
pub struct SampleArguments {
    /// Data folder to fill
    #[arg(default_value = "data")]
    pub dir: PathBuf,
    /// Number of groups
    #[arg(long, default_value_t = 12)]
    pub groups: u32,
    /// Average number of customers in a group
    #[arg(long, default_value_t = 90)]
    pub members: u32,
    /// Number of weeks
    #[arg(long, default_value_t = 16)]
    pub weeks: u32,
    /// Every seed tells another story
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Multiplies messages and events
    #[arg(long, default_value_t = 1.0)]
    pub activity: f64,
    /// Multiplies events alone [default: as --activity]
    #[arg(long)]
    pub event_activity: Option<f64>,
    /// Last day told
    #[arg(long, value_name = "DATE", default_value = "2025-05-11")]
    pub end: chrono::NaiveDate,
    /// One file a table, or one a table and week
    #[arg(long, value_enum, default_value_t = SplitArgument::Single)]
    pub split: SplitArgument,
}

/// How row tables are split into files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SplitArgument {
    /// messages.csv
    Single,
    /// messages-2025w19.csv
    Weekly,
}

/// `qunce explain`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qunce explain g001             every KPI of the group, worst first
  qunce explain g001 open_rate   one KPI down to its rows and to the playbook's lines")]
pub struct ExplainOptions {
    /// Group id
    pub group: String,
    /// KPI id
    pub kpi: Option<String>,
    /// Which workspace
    #[command(flatten)]
    pub workspace: WorkspaceOption,
    /// When
    #[command(flatten)]
    pub time: TimeOptions,
    /// Language of names and texts [default: the workspace's first]
    #[arg(long)]
    pub lang: Option<String>,
}

/// `qunce schema`
#[derive(Debug, Args)]
#[command(after_help = "\
`qunce init` writes the schemas to the folder schema/, and the files that it makes name them in their
first line (`#:schema …`), which editors based on Taplo follow. After an update of qunce:
  qunce schema playbook > schema/playbook.json")]
pub struct SchemaOptions {
    /// Of which file
    #[arg(value_enum, default_value_t = SchemaArgument::Playbook)]
    pub of: SchemaArgument,
}

/// The files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaArgument {
    /// playbooks/vip.toml
    Playbook,
    /// playbooks/vip.en.toml: only the texts, in another language
    Overlay,
    /// qunce.toml
    Config,
}

/// `qunce completions`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qunce completions bash > ~/.local/share/bash-completion/completions/qunce
  qunce completions zsh > ~/.zfunc/_qunce
  qunce completions fish > ~/.config/fish/completions/qunce.fish")]
pub struct CompletionsOptions {
    /// Shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `qunce man`
#[derive(Debug, Args)]
pub struct ManOptions {
    /// Folder to write qunce.1, qunce-build.1 … to
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}
