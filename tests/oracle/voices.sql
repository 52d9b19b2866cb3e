-- NPS: a member counts once, with the mean of the answers of the window.
with opinions as (
    select s.group_id, s.member_id,
        avg(score) filter (in_period(answered_at)) as now,
        avg(score) filter (in_last_days(answered_at, 90)) as season
    from surveys s
    join customers using (group_id, member_id)
    where s.survey = 'nps' and s.score is not null and joined_at < closing()
    group by s.group_id, s.member_id
),
counts as (
    select
        group_id,
        count(now) as answers,
        count(*) filter (now >= 9) - count(*) filter (now <= 6) as balance,
        count(season) as season_answers,
        count(*) filter (season >= 9) - count(*) filter (season <= 6) as season_balance
    from opinions
    group by group_id
)
select group_id, unnest([
    {kpi: 'nps', numerator: null::bigint, denominator: null::bigint,
     value: 100 * balance / nullif(answers, 0)},
    {kpi: 'nps_90d', numerator: null, denominator: null,
     value: 100 * season_balance / nullif(season_answers, 0)},
    {kpi: 'nps_answers', numerator: null, denominator: null, value: coalesce(answers, 0)::double}
], recursive := true)
from known
left join counts using (group_id)
where has_surveys and created;
