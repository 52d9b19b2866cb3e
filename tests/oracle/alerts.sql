-- Questions of the last 30 days that nobody has answered.
select group_id, (
    select count(*) from questions q
    where q.group_id = known.group_id and q.answered_at is null and in_last_days(q.asked_at, 30)
) as unanswered
from known
where has_messages and created;
