-- Who is in, who came, who went.
with stock as (
    select
        group_id,
        count(*) filter (in_at_closing(joined_at, left_at)) as at_closing,
        count(*) filter (in_at_opening(joined_at, left_at)) as at_opening,
        count(*) filter (in_at_some_time(joined_at, left_at)) as present,
        count(*) filter (in_period(joined_at)) as joined,
        count(*) filter (in_period(left_at)) as gone,
        count(*) filter (in_period(left_at) and joined_at < opening()) as gone_of_opening,
        count(*) filter (in_period(joined_at) and invited_by is not null) as joined_by_invitation,
        count(*) filter (in_at_closing(joined_at, left_at) and advisor is not null) as advised,
        count(*) filter (in_at_closing(joined_at, left_at) and tier is not null) as tiered,
        count(*) filter (in_at_closing(joined_at, left_at) and role = 'koc') as koc,
        median(epoch_us(left_at) - epoch_us(joined_at)) filter (in_period(left_at)) / 86400e6 as days_of_the_gone
    from customers
    group by group_id
)
select group_id, unnest([
    {kpi: 'quit_rate', numerator: gone_of_opening, denominator: at_opening, value: null::double},
    {kpi: 'member_growth', numerator: null, denominator: null, value: (joined - gone) / nullif(at_opening, 0)},
    {kpi: 'new_members', numerator: null, denominator: null, value: joined::double},
    {kpi: 'invited_join_share', numerator: joined_by_invitation, denominator: joined, value: null},
    {kpi: 'advisor_coverage', numerator: advised, denominator: at_closing, value: null},
    {kpi: 'tiering_coverage', numerator: tiered, denominator: at_closing, value: null},
    {kpi: 'koc_count', numerator: null, denominator: null, value: koc::double}
], recursive := true)
from stock;
