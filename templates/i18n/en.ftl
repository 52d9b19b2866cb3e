### Texts of the site in English, in the format of Project Fluent (https://projectfluent.org/fluent/guide/).
### A file `i18n/en.ftl` in the templates folder of a workspace replaces single messages; a message may use
### the variables that it has here.

## words in sentences
list_comma = { ", " }
sentence_gap = { " " }
no_data = no data
no_value = (not given)
no_previous = no earlier score
no_clear_change = no clear change
unchanged = unchanged
unit_days =
    { $n ->
        [one] { $n } day
       *[other] { $n } days
    }
unit_hours = { $n } h
unit_pp = { $n } pp
points = { $n } points
persons =
    { $n ->
        [one] { $n } person
       *[other] { $n } people
    }
members =
    { $n ->
        [one] { $n } member
       *[other] { $n } members
    }
minutes = about { $n } min each time
age =
    { $n ->
        [one] { $n } day old
       *[other] { $n } days old
    }
owner_is = owner { $name }
within_hours = within { $n } h
within_days =
    { $n ->
        [one] within { $n } day
       *[other] within { $n } days
    }

## status
status_critical = critical
status_watch = watch
status_healthy = healthy
status_excellent = excellent
status_none = no data
status_plain = shown only
grade_critical = in trouble
grade_watch = to watch
grade_healthy = healthy
grade_excellent = excellent
grade_none = not scored
urgency_high = urgent
urgency_medium = this week
urgency_low = worth a look

## values
parts = { $n } of { $d }
interval = 95% interval { $low } – { $high }
uncertain = uncertain: the interval crosses the cut point
uncertain_more =
    { $n ->
        [one] uncertain: about { $n } more observation needed
       *[other] uncertain: about { $n } more observations needed
    }
spark_label =
    { $n ->
        [one] last period: { $values }
       *[other] last { $n } periods: { $values }
    }
mean_of = mean of { $measure }
bounds = { $low }–{ $high } points
score_label = health score { $score }, grade { $grade }, { $change }; possible range { $bounds }, data coverage { $coverage }
score_label_none = no health score; possible range { $bounds }, data coverage { $coverage }
healthy_from = healthy from { $value }
healthy_to = healthy up to { $value }
healthy_within = healthy within { $low }–{ $high }
cut_floor = zero
cut_watch = watch
cut_healthy = healthy
cut_excellent = excellent
weight = weight
origin_article = the method
origin_case = a case
origin_default = tool default
origin_own = own setting
better_higher = higher is better
better_lower = lower is better
better_shorter = shorter is better
better_range = best within a range

## why something is missing
missing_table = there is no { $file }
missing_column = { $file } has no column { $column }
missing_rows = { $file } has no rows of this group
missing_never = { $file } never had a row of this group that counts as “{ $measure }”
missing_zero = the denominator is zero
missing_empty = there is nothing to compute from in this period
missing_overflow = the sum “{ $measure }” is too large to hold exactly
missing_not_yet = the group did not exist yet in this period
reason_members =
    { $least ->
        [one] fewer than { $least } member: a few persons would decide every figure, so no score is issued
       *[other] fewer than { $least } members: a few persons would decide every figure, so no score is issued
    }
reason_coverage = coverage is below { $least }, so no score is issued

## verdict
verdict_first = The health score is { $score }, grade { $grade }{ $because }.
verdict_down = Down { $change } points to { $score } (grade { $grade }){ $because }.
verdict_up = Up { $change } points to { $score } (grade { $grade }){ $because }.
verdict_same = Steady at { $score } (grade { $grade }){ $because }.
cause = { $kpi } (now { $value })
verdict_because = , mainly because of { $cause }
verdict_thanks = , mainly thanks to { $cause }
verdict_costs = ; most is lost on { $cause }, { $points } points
verdict_improves = { $kpi } is getting better.
verdict_worsens = { $kpi } is getting worse.
verdict_alerts = Urgent alerts: { $n }.
verdict_no_score = The data cover only { $coverage } of the weight, less than { $least }, so there is no score for this period. The KPIs that could be computed are below.
verdict_few_members =
    { $least ->
        [one] Fewer than { $least } member: a few persons would decide every figure, so there is no score for this period.
       *[other] Fewer than { $least } members: a few persons would decide every figure, so there is no score for this period.
    }
too_few =
    { $least ->
        [one] fewer than { $least } observation: shown, not scored
       *[other] fewer than { $least } observations: shown, not scored
    }
note_unchecked =
    { $n ->
        [one] { $n } alert could not be checked, because { $reason }: { $names }
       *[other] { $n } alerts could not be checked, because { $reason }: { $names }
    }
coverage = Data coverage
if_unmeasured = Unmeasured all bad / good
to_grade = To grade { $grade }

## actions
why_kpi = { $kpi } is { $value }; { $target }
why_alert = Alert: { $alert }
why_funnel = { $funnel }: “{ $step }” is the weakest step
audience_all = all members
audience_staff = the staff
audience_count =
    { $n ->
        [one] { $who }, { $n } person
       *[other] { $who }, { $n } people
    }
quoted = { $text } ({ $source })
gain_alert = settles an alert
rhythm_once = once, within the week
rhythm_on_join = whenever somebody joins
rhythm_daily = daily
rhythm_weekly = weekly, { $day }
rhythm_monthly = monthly, day { $day }
rhythm_quarterly = first day of each quarter

## notes
note_approximate =
    { $n ->
        [one] { $n } KPI was estimated from daily totals and is marked “approximate”
       *[other] { $n } KPIs were estimated from daily totals and are marked “approximate”
    }
note_stage_inferred = The stage was not in the data; it follows from the playbook's conditions
note_quarantined =
    { $n ->
        [one] { $n } row of all data could not be read and was set aside; see the data page
       *[other] { $n } rows of all data could not be read and were set aside; see the data page
    }

## portfolio
spark_values = lately: { $values }
more_owners =
    { $n ->
        [one] { $n } more person
       *[other] { $n } more people
    }
shown_of = Groups shown: { $n } of { $all }
rollup_note = Ratios are sums of numerators over sums of denominators; scores are weighted by members.
rollups_more =
    { $n ->
        [one] { $n } more row
       *[other] { $n } more rows
    }
sort_gain = points to gain
sort_score = lowest score
sort_change = largest fall
sort_since = longest in trouble
sort_members = most members
sort_name = name
found = results: { $n }
found_nothing = nothing found
theme_auto = Look: automatic
theme_light = Look: light
theme_dark = Look: dark
portfolio_fine =
    { $all ->
        [one] { $all } group, not below healthy.
       *[other] { $all } groups, none below healthy.
    }
portfolio_trouble =
    { $n ->
        [one] { $n } of { $all } groups needs attention.
       *[other] { $n } of { $all } groups need attention.
    }
trouble_since =
    { $n ->
        [one] since { $since }
       *[other] since { $since }, { $n } in a row
    }
urgent_alerts =
    { $n ->
        [one] { $n } urgent alert
       *[other] { $n } urgent alerts
    }
rollup_all = All groups
rollup_type = By type
rollup_brand = By brand
rollup_owner = By owner
type_verdict =
    { $n ->
        [one] { $n } group; its score is { $score }.
       *[other] { $n } groups; their mean score, weighted by members, is { $score }.
    }
funnel_rule =
    { $days ->
        [one] each step within { $days } day of the one before; weak below { $weak }
       *[other] each step within { $days } days of the one before; weak below { $weak }
    }
principle_weakest = The weakest is “{ $name }” at { $score } points; look at these first: { $kpis }.

## manual
position_who = For whom
position_need = What they need
position_peak = Peak experience
position_value = Value proposition
position_not_for = Who is not wanted
core_knowledge = knowledge
core_emotion = emotion
core_conversion = conversion
kind_useful = useful
kind_story = story
kind_promo = promotion
kind_product = product
kind_event = event
kind_live = live
kind_teaser = teaser
kind_limited = limited edition
level_newcomer = Tasks for newcomers
level_growth = Tasks for growing members
level_advanced = Tasks for the advanced
product_viral = viral
product_hot = hot
product_potential = potential
product_regular = regular
selection_refresh = Change of assortment
selection_slots = Slots
selection_mix = Mix
more_products = and { $n } more
calendar_useful = target share of useful items: { $share }
calendar_cap =
    { $n ->
        [one] at most { $n } promotion a week
       *[other] at most { $n } promotions a week
    }
calendar_no_promos = no promotions in this stage
calendar_over = promotions left out because their week was full: { $n }
calendar_holidays = kept free for holidays: { $days }
pdca_plan = Plan
pdca_do = Do
pdca_check = Check
pdca_act = Act
pdca_plan_when = monthly
pdca_do_when = always
pdca_check_when = weekly
pdca_act_when = quarterly

## data
quality_verdict =
    { $files ->
        [one] { $files } file
       *[other] { $files } files
    } with { $rows ->
        [one] { $rows } row was
       *[other] { $rows } rows were
    } read; { $bad ->
        [0] all could be read
        [one] { $bad } could not be read and was set aside
       *[other] { $bad } could not be read and were set aside
    }.
attributed =
    { $n ->
        [one] { $n } order names no group and was counted to { $rule }
       *[other] { $n } orders name no group and were counted to { $rule }
    }
attribution_last_joined = the group that the buyer joined last before paying
attribution_first_joined = the group that the buyer joined first
attribution_all = every group of the buyer
breakdown_withheld = { $n } more, withheld: too few people
text_withheld = (withheld for privacy)
rows_quarantined = { $n } set aside
rows_replaced = { $n } replaced by a later drop
rows_duplicates = { $n } repeated
rows_filtered = { $n } left out by configuration
rows_future = { $n } after the as-of time
rows_orphan_groups = { $n } of unknown groups
rows_orphan_members = { $n } of unknown members (still counted)
orphan_examples = such as { $ids }
reason_ragged = not as many fields as the header; quote cells that hold separators
reason_stray_quote = text follows a closing quote; double a quote inside a cell
reason_nul_byte = holds a NUL byte; export it again as text
reason_not_a_time = not a time; expected a form such as 2025-05-06 08:30
reason_impossible_year = not a year from 1990 to 2100; check the unit and the form
reason_clock_gap = the clock skipped this time; give an offset or set the zone
reason_not_a_number = not a number; expected a form such as 1234.50
reason_not_finite = not a finite number; leave the cell empty instead
reason_exponent = exponents lose digits; export plain digits
reason_thousands_separator = holds separators of thousands; write 1000, not 1,000
reason_wide_digits = digits other than 0 to 9
reason_currency = a currency sign or unit; keep the bare number
reason_too_many_digits = more digits than can be kept exactly
reason_not_whole = a whole number is needed
reason_not_a_bool = yes or no is needed
reason_negative_amount = a negative amount without a refund time; use the column refunded_at
reason_empty_key = empty, but it says which row this is
reason_missing = empty, but the row means nothing without it
reason_conflict = another row of the same drop has this key and other cells; keep one
reason_far_future = long after every other row; check the year and the unit
reason_before_group = earlier than the group's creation; check created_on and the zone
reason_ends_before_start = ends before it starts; check both times

## method page
method_bands = Each KPI has four cut points: zero (0 points), watch (50), healthy (80) and excellent (100), with straight lines between them. A value on a cut point has the better status.
method_interval = Ratios carry a 95% Wilson interval and means a 95% t interval; where the interval crosses the deciding cut point the status is marked uncertain.
method_coverage = A KPI without data is left out and coverage falls. The score always stands with what it would be if everything unmeasured were bad, or good.
method_change = Every figure stands beside the previous period's; a change within chance is shown as no clear change.
method_missing = No data is not zero: a missing table or column or a zero denominator is told with its reason.

## labels of pages
l_whose = In whose hands
l_stage = Stage
l_grade = Grade
l_all_stages = All stages
l_all_grades = All grades
l_sort = Sort by
l_reset = Clear
l_more = Show more
l_pages = Pages
l_page_before = previous page
l_page_after = next page
l_all_groups = All groups of this type
l_troubled = In trouble
l_search = Find groups, KPIs, tactics
l_tactic = Tactic
site_title = Community health
colon = { ": " }
skip = Skip to content
nav_portfolio = Groups
nav_method = Method
nav_quality = Data
nav_report = Health report
nav_manual = Operating manual
nav_previous = Previous
nav_next = Next
title_manual = Operating manual
title_method = Method and thresholds
title_quality = Data quality
as_of = Data as of
h_actions = What to do now
h_more_actions = Also worth doing
h_kpis = KPIs that cost points, most to gain first
h_passing = KPIs that are fine
h_unscored = KPIs without a score
h_unknown = KPIs without data
h_boards = Boards
h_principles = The six principles
h_funnel = Funnel
h_segments = Members
h_churn = Depth of churn
h_alerts = Alerts
h_review = What last period's actions moved
h_notes = Notes on the data
h_trend = Score over time
no_actions = Nothing needs mending in this period. Keep the rhythm.
no_alerts = No alert fires.
h_waivers = Waived
l_waiver_until = until
waiver_holds = waived
waiver_idle = nothing to waive
waiver_expired = expired
all_pass = No KPI costs points.
l_gain = Gain
l_audience = For
l_owner = Owner
l_due = Due
l_message = Message ready to send
l_copy = Copy
l_copied = Copied
l_list = list
l_effect = Expected effect
l_avoid = When not to use it
l_evidence = Evidence
l_improves = Improves
l_cadence = Rhythm
l_change = Change
l_previous = before
l_kpi = KPI
l_value = Now
l_bands = critical · watch · healthy · excellent
l_trend = Trend
l_filter = Filter
l_source = Source
l_declared = declared at
l_how_computed = Where this number comes from
l_approximate = approximate
l_weakest = weakest
l_new = new
l_board_weight = weight
l_group = Group
l_score = Score
l_coverage = Coverage
l_type = Type
l_first_action = Do first
l_members = Members
l_groups = Groups
l_places = Places
l_persons = Persons
l_worst = Worst group
l_filter_text = Filter by name or owner
l_all_types = All types
l_all_owners = All owners
l_manual = Manual
l_report = Report
l_when = Condition
l_title = Action
l_lowest = Lowest
l_median = Median
l_highest = Highest
l_absent = no such table
l_columns = Columns
l_absent_columns = Columns not found
l_files = Files
l_kept = Counted
l_quarantine_file = All rows set aside (CSV)
l_json = Data (JSON)
l_markdown = As Markdown
l_ics = Add to calendar (ICS)
l_contents = Contents
l_exit = When this stage is over
l_stop = Not in this stage
l_goal = Goal
l_reward = Reward
l_target = Target
l_requirement = Requirement
l_objective = Objective
l_role = Product role
l_mechanic = Mechanic
l_products = This group's products
l_no_products = no product has this role yet
h_positioning = Positioning
h_questionnaire = What to ask on entry
h_artefacts = Texts and sheets ready to use
h_rules = Group rules
h_stage = This stage
h_all_tactics = Tactics of this type, in every stage
h_other_stages = Other stages
h_common = Tactics that all types share
common_note = They belong to the base playbook and suit any group; the web manual has them in full. Where this type says otherwise above, follow that.
h_calendar = The coming five weeks
h_tasks = Tasks
h_tiers = Tiers and rights
h_sops = Checklists by role
h_alert_rules = How to answer alerts
h_selection = Product selection
h_pdca = Review rhythm
h_method_rules = How scores come about
h_benchmarks = Benchmarks
h_groups = Groups of this type
h_tables = Tables
h_examples = Rows set aside (examples)
h_rollups = Taken together
footer = Made by qunce from playbooks and data

## report and its pages of evidence
measure_rows =
    { $n ->
        [one] { $measure }: { $n } row
       *[other] { $measure }: { $n } rows
    }
points_of = scores { $score }; gives { $points } points to the health score, costs { $lost }, would gain { $lift } at the healthy cut
changes_none = the previous period has no score to compare with
changes_summary = The health score went from { $from } to { $to } ({ $change }). The points of all lines add up to this change.
changes_others = All other KPIs
changes_gained = Measured in this period only: { $names }.
changes_lost = No longer measured: { $names }.
changes_shares = Shares of the KPIs in the score
change_clear = clear change
change_chance = within chance
change_untested = not tested
slope_title = Score
slope_label = score { $from } → { $to }
trend_none = one period only, which is no trend yet
cohort_label = { $n } joined: { $first } → { $last }
cohort_at_least = ≥ { $share }
cohort_at_most = ≤ { $share }
cohort_withheld = too few to tell
retention_few = too few joined in each period to tell, for privacy
retention_guarded = of few persons only a range is told, or nothing, so that nobody is singled out
retention_nobody = nobody joined in these periods
h_segments_trend = Members over time
h_retention = Who stays of those who join
h_detail = Content, products and members in detail
h_changes = What changed since last period, and why
h_evidence = Evidence: where each number comes from
h_measures = Measures: which table, which rows
l_no_tables = Details without data
l_charted_more = Other KPIs that cost points
l_all_evidence = Formula, rows and cut points of every KPI
l_measures = Definitions of all measures
l_evidence_of = evidence
l_numbers = Numbers
l_period = Period
l_total = All
l_joined = Joined
l_small = few, a hint only
l_since_joining = Share still in the group at the end of each period since joining (0 is the period of joining)
l_rows_counted = Rows counted
l_in_manual = How to do it
l_variants = ways to compute it
l_step = Step
l_passed = Members
l_rate = Passed
l_back_report = Back to the report
l_back_manual = Back to the manual
l_back_method = All KPIs
l_tactic_more = Expected effect, when not to use it, evidence
rows_short =
    { $n ->
        [one] { $n } row
       *[other] { $n } rows
    }
h_routine = Checklists and answers to alerts
l_detail = Details
l_all_rows = All rows
l_page_of = page { $n }
h_too_few = KPIs with too few observations for a score
l_uncertain = uncertain
