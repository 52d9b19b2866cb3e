//! The rates of a group in one week, all whole numbers.

macro_rules! climate {
    ($( $(#[$doc:meta])* $name:ident = $steady:literal; )*) => {
        /// The rates of a group in one week; thousandths unless said otherwise.
        #[derive(Debug, Clone, Copy)]
        pub struct Climate { $( $(#[$doc])* pub $name: u32, )* }

        /// A middling group.
        pub const STEADY: Climate = Climate { $( $name: $steady, )* };

        impl Climate {
            /// The climate `num/den` of the way from one to another.
            pub fn between(from: &Self, to: &Self, num: u32, den: u32) -> Self {
                let blend = |a: u32, b: u32| (a * (den - num) + b * num) / den.max(1);
                Self { $( $name: blend(from.$name, to.$name), )* }
            }
        }
    };
}

climate! {
    /// Multiplies the chances to speak and to open.
    mood = 1000;
    /// Newcomers by habit: active.
    active = 130;
    /// Light.
    light = 270;
    /// Lurker.
    lurker = 310;
    /// Freebie hunter.
    hunter = 110;
    /// Silent.
    silent = 180;
    /// Clicks of opens.
    click = 330;
    /// Carts of clicks.
    cart = 230;
    /// Payments of carts.
    pay = 380;
    /// Questions of members' messages.
    ask = 150;
    /// Questions answered.
    answered = 860;
    /// Usual minutes until an answer.
    answer_minutes = 70;
    /// Answers given by members.
    peer = 300;
    /// Members who check in at all in a week.
    checkin = 140;
    /// Shares of opens.
    share = 70;
    /// Newcomers who break the ice in seven days.
    ice = 560;
    /// Newcomers welcomed in time.
    welcome = 860;
    /// Newcomers who do their task.
    newcomer_task = 720;
    /// Speakers given a growth task a week.
    tasks = 100;
    /// Growth tasks done.
    task_done = 660;
    /// Joins a week of the group's size.
    join = 20;
    /// Leaves a week of the members.
    leave = 9;
    /// Members who go silent a week.
    fade = 14;
    /// Members who unfollow the official account a week.
    unfollow = 4;
    /// Long-silent members touched a week.
    touch = 180;
    /// Touched members who come back.
    wake = 260;
    /// Members given a coupon a week.
    coupons = 50;
    /// Coupons used.
    redeem = 380;
    /// Orders refunded.
    refund = 50;
    /// Answers 9 and 10 to the NPS question.
    promoters = 560;
    /// Answers 7 and 8.
    passives = 290;
    /// Violations a week of the members.
    violations = 2;
    /// Checklist items done.
    sop_done = 850;
    /// Days on which the host speaks.
    host = 650;
    /// Members who join an activity a week.
    activity = 25;
    /// Changes of the assortment a week (a count).
    turns = 1;
    /// Useful posts a week (a count).
    useful = 4;
    /// Stories a week.
    story = 1;
    /// Promotions a week.
    promo = 2;
    /// Products a week.
    product = 1;
    /// Events a week.
    event = 1;
    /// Leavers who name stale content (a weight).
    stale = 25;
    /// Too quiet.
    quiet = 25;
    /// Too few benefits.
    few_benefits = 20;
    /// Too many promotions.
    promos = 15;
    /// Something else.
    other = 15;
}
