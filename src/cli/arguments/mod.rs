//! What can be asked on the command line. The help texts are the reference.

mod output;
mod sql;

pub use output::{ColourArgument, FormatArgument, OutputOptions};
pub use sql::{ChoiceArgument, DialectArgument, SqlOptions};

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

Exit codes: 0 ok · 1 a gate failed · 2 wrong usage · 3 bad configuration, playbook or data ·
4 input/output")]
pub struct Arguments {
    /// How it is told.
    #[command(flatten)]
    pub output: OutputOptions,
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
    /// Show the site in the browser and build it anew when a source changes
    Serve(ServeOptions),
    /// Prove that a site is just what the inputs give
    Verify(VerifyOptions),
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
    /// Write what playbooks measure as CSV, for use elsewhere
    Facts(FactsOptions),
    /// Print what playbooks measure and judge as SQL, for another engine
    Sql(SqlOptions),
    /// Judge the drop and hold it against the gates without writing a site
    Gate(GateOptions),
    /// Write what later runs are compared with: a small file made for git
    Baseline(BaselineOptions),
    /// Compare two results and say what changed them: data, playbook, coverage or version
    Diff(DiffOptions),
    /// Say what the code of a message means, with an example that goes wrong and its remedy
    ExplainCode(ExplainCodeOptions),
}

/// Which workspace.
#[derive(Debug, Args)]
pub struct WorkspaceOption {
    /// Folder with qunce.toml [default: the nearest one from here upwards]
    #[arg(short, long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
}

/// Until when, and which period.
#[derive(Debug, Clone, Args)]
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
no request. The same input gives the same bytes. Files that did not change are not written again.
A build whose inputs did not change ends at once: a file whose length, times and number are as they
were is taken to be as it was.")]
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
    /// Wait while another build writes the same folder
    #[arg(long)]
    pub wait: bool,
    /// Make everything anew, whatever the last build left in .qunce
    #[arg(long)]
    pub no_cache: bool,
    /// Say nothing but warnings and errors
    #[arg(short, long)]
    pub quiet: bool,
    /// What must hold
    #[command(flatten)]
    pub gates: GateArguments,
}

/// What must hold of every group; a flag wins over `[gate]` of qunce.toml.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Gates")]
pub struct GateArguments {
    /// Fail when a group scores less
    #[arg(long, value_name = "SCORE")]
    pub fail_under: Option<f64>,
    /// Fail on findings: critical (a KPI below its `watch` cut), alert (one that fires) or both
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',', hide_possible_values = true)]
    pub fail_on: Vec<FailOnArgument>,
    /// Fail when a group lost more points since the baseline
    #[arg(long, value_name = "POINTS")]
    pub max_drop: Option<f64>,
    /// The earlier result, as `qunce baseline` writes it
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
}

/// What fails a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOnArgument {
    /// A KPI below its `watch` cut
    Critical,
    /// An alert that fires
    Alert,
}

/// `qunce gate`
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 says that a gate failed. Findings that a waiver of the playbook holds back do not count;
they are told as notes.")]
pub struct GateOptions {
    /// Which workspace
    #[command(flatten)]
    pub workspace: WorkspaceOption,
    /// When
    #[command(flatten)]
    pub time: TimeOptions,
    /// What must hold
    #[command(flatten)]
    pub gates: GateArguments,
}

/// `qunce baseline`
#[derive(Debug, Args)]
#[command(after_help = "\
The file holds scores, KPIs with numerators and denominators, and the cut points and weights they
were judged by, sorted, one fact a line. Commit it; `--max-drop` and `qunce diff` read it.")]
pub struct BaselineOptions {
    /// Which workspace
    #[command(flatten)]
    pub workspace: WorkspaceOption,
    /// When
    #[command(flatten)]
    pub time: TimeOptions,
    /// Where to write it; `-` for standard output
    #[arg(short, long, value_name = "FILE", default_value = "baseline.json")]
    pub output: PathBuf,
}

/// `qunce diff`
#[derive(Debug, Args)]
#[command(after_help = "\
Each side is a file written by `qunce baseline`, a site (its api/result.json) or a workspace, which is
judged first. `--format json` and `--format markdown` are for programs and for merge requests.

Every change of a score is parted among what changed it: the old rows are scored by the new rules and
the new rows by the old ones, in every order, and the mean of the differences is told. The parts add
up to the change.")]
pub struct DiffOptions {
    /// The earlier result
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// The later result
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
}

/// `qunce explain-code`
#[derive(Debug, Args)]
pub struct ExplainCodeOptions {
    /// Code or name, as `Q0104` or `band-order` [default: list all]
    pub code: Option<String>,
}

/// `qunce serve`
#[derive(Debug, Args)]
#[command(after_help = "\
Only this machine can reach the site. Playbooks, templates, qunce.toml and data are watched; pages
reload by themselves and show errors until they are mended. The site is built in .qunce/serve of the
workspace; `output` of qunce.toml stays as the last `qunce build` left it. Ctrl-C ends.")]
pub struct ServeOptions {
    /// Which workspace
    #[command(flatten)]
    pub workspace: WorkspaceOption,
    /// Port on 127.0.0.1; 0 takes any that is free
    #[arg(long, value_name = "N", default_value_t = 7077)]
    pub port: u16,
    /// Open the browser [default: yes in a terminal]
    #[arg(long, value_enum)]
    pub open: Option<Switch>,
    /// When
    #[command(flatten)]
    pub time: TimeOptions,
}

/// Whether something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is done
    Yes,
    /// It is not
    No,
}

/// `qunce verify`
#[derive(Debug, Args)]
#[command(after_help = "\
Everything is read and rendered again and compared byte by byte; nothing is written. Exit code 1 says
that a file is changed, missing or not of these inputs.")]
pub struct VerifyOptions {
    /// The site [default: `output` of qunce.toml]
    #[arg(value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Which workspace
    #[command(flatten)]
    pub workspace: WorkspaceOption,
    /// When
    #[command(flatten)]
    pub time: TimeOptions,
    /// Let files be that no input accounts for, such as those of a web host
    #[arg(long)]
    pub allow_foreign: bool,
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

/// `qunce facts`
#[derive(Debug, Args)]
#[command(after_help = "\
groups.csv has a row for each group and period, members.csv a row for each member in the last period.
An empty field is no data, never zero. Member ids are those of the drop: keep the files as you keep it.

Examples:
  qunce facts                                every measure of the groups' playbooks
  qunce facts -g speakers -g \"orders('30d')\" -m \"messages('7d')\" -m \"last_message('lifetime')\"")]
pub struct FactsOptions {
    /// Folder to fill
    #[arg(default_value = "facts")]
    pub dir: PathBuf,
    /// A measure of groups, with or without a window [default: all, unless members are asked for]
    #[arg(short, long, value_name = "MEASURE")]
    pub group: Vec<String>,
    /// A measure of single members, with or without a window
    #[arg(short, long, value_name = "MEASURE")]
    pub member: Vec<String>,
    /// Which workspace
    #[command(flatten)]
    pub workspace: WorkspaceOption,
    /// When
    #[command(flatten)]
    pub time: TimeOptions,
    /// Read everything, whatever was kept in .qunce, and keep nothing
    #[arg(long)]
    pub no_cache: bool,
}
