//! The tables of a data drop and their columns: the vocabulary that playbooks and data share.

use std::fmt;

/// What a column's cells hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// Any text.
    Text,
    /// A whole number.
    Int,
    /// An exact decimal; money and scores.
    Decimal,
    /// A moment.
    Time,
    /// A calendar day (read as its first local instant).
    Date,
    /// Yes or no.
    Bool,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name in the canonical header and in expressions.
    pub name: &'static str,
    /// Type of its cells.
    pub kind: ColumnType,
    /// Whether a file without it is refused.
    pub required: bool,
    /// Whether it is computed while reading instead of read.
    pub derived: bool,
    /// Other headers under which platforms export it, compared without case and white space.
    pub aliases: &'static [&'static str],
}

/// The tables of a drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// One row a group.
    Groups,
    /// One row a membership.
    Members,
    /// One row a message.
    Messages,
    /// One row a broadcast item of the operators.
    Posts,
    /// One row an action of a member or of staff.
    Events,
    /// One row an order.
    Orders,
    /// One row an answer.
    Surveys,
    /// One row a product.
    Products,
    /// One row a group and day, for platforms that export only totals.
    Daily,
}

impl Table {
    /// All tables, entities before the rows that refer to them.
    pub const ALL: [Self; 9] = [
        Self::Groups,
        Self::Members,
        Self::Products,
        Self::Posts,
        Self::Messages,
        Self::Events,
        Self::Orders,
        Self::Surveys,
        Self::Daily,
    ];

    /// The name in file names and playbooks.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Groups => "groups",
            Self::Members => "members",
            Self::Messages => "messages",
            Self::Posts => "posts",
            Self::Events => "events",
            Self::Orders => "orders",
            Self::Surveys => "surveys",
            Self::Products => "products",
            Self::Daily => "daily",
        }
    }

    /// The table of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// Its columns, in canonical order, derived ones last.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Groups => GROUPS,
            Self::Members => MEMBERS,
            Self::Messages => MESSAGES,
            Self::Posts => POSTS,
            Self::Events => EVENTS,
            Self::Orders => ORDERS,
            Self::Surveys => SURVEYS,
            Self::Products => PRODUCTS,
            Self::Daily => DAILY,
        }
    }

    /// A column by name.
    #[must_use]
    pub fn column(self, name: &str) -> Option<&'static Column> {
        self.columns().iter().find(|c| c.name == name)
    }

    /// The columns that identify a row; a later drop's row with the same key replaces it.
    #[must_use]
    pub fn key(self) -> &'static [&'static str] {
        match self {
            Self::Groups => &["group_id"],
            Self::Members => &["group_id", "member_id"],
            Self::Messages => &["message_id"],
            Self::Posts => &["post_id"],
            Self::Orders => &["order_id"],
            Self::Products => &["product_id"],
            Self::Daily => &["group_id", "date"],
            Self::Events | Self::Surveys => &[],
        }
    }

    /// The column that says when a row happened, where rows happen.
    #[must_use]
    pub fn time(self) -> Option<&'static str> {
        match self {
            Self::Messages | Self::Posts => Some("sent_at"),
            Self::Events => Some("at"),
            Self::Orders => Some("paid_at"),
            Self::Surveys => Some("answered_at"),
            Self::Daily => Some("date"),
            Self::Groups | Self::Members | Self::Products => None,
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const fn needed(name: &'static str, kind: ColumnType, aliases: &'static [&'static str]) -> Column {
    Column { name, kind, required: true, derived: false, aliases }
}

const fn optional(name: &'static str, kind: ColumnType, aliases: &'static [&'static str]) -> Column {
    Column { name, kind, required: false, derived: false, aliases }
}

const fn derived(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, required: false, derived: true, aliases: &[] }
}

use ColumnType::{Bool, Date, Decimal, Int, Text, Time};

const GROUP_ID: &[&str] = &["chat_id", "chatid", "roomid", "room_id", "群id", "群聊id", "社群id", "群编号"];
const MEMBER_ID: &[&str] = &[
    "userid",
    "user_id",
    "external_userid",
    "from",
    "成员id",
    "用户id",
    "客户id",
    "会员id",
    "发送人id",
    "发送人",
    "发送者",
    "买家id",
    "买家会员名",
];
const PRODUCT_ID: &[&str] = &["sku", "sku_id", "item_id", "商品id", "商品编号", "商品编码", "宝贝id"];

const GROUPS: &[Column] = &[
    needed("group_id", Text, GROUP_ID),
    needed("name", Text, &["group_name", "chat_name", "群名称", "群名", "群聊名称", "社群名称"]),
    needed("playbook", Text, &["type", "group_type", "群类型", "社群类型", "手册"]),
    optional("stage", Text, &["阶段", "生命周期", "运营阶段"]),
    needed("created_on", Date, &["create_time", "created_at", "建群时间", "建群日期", "创建时间", "创建日期"]),
    optional("owner", Text, &["群主", "负责人", "owner_name"]),
    optional("brand", Text, &["品牌"]),
    optional("region", Text, &["地区", "区域", "大区"]),
    optional("capacity", Int, &["群容量", "人数上限"]),
    optional("tags", Text, &["标签", "群标签"]),
    derived("age_days", Int),
];

const MEMBERS: &[Column] = &[
    needed("group_id", Text, GROUP_ID),
    needed("member_id", Text, MEMBER_ID),
    needed("joined_at", Time, &["join_time", "入群时间", "进群时间", "加入时间"]),
    optional("left_at", Time, &["quit_time", "leave_time", "退群时间", "离群时间"]),
    optional("role", Text, &["角色", "身份", "成员类型"]),
    optional("tier", Text, &["level", "等级", "会员等级"]),
    optional("source", Text, &["join_scene", "入群方式", "来源", "入群渠道", "渠道"]),
    optional("invited_by", Text, &["invitor", "inviter", "邀请人", "邀请人id"]),
    optional("unfollowed_at", Time, &["取关时间", "取消关注时间"]),
    optional("name", Text, &["nickname", "group_nickname", "昵称", "群昵称", "成员名称", "姓名"]),
    derived("attributes", Int),
    derived("days_in_group", Int),
];

const MESSAGES: &[Column] = &[
    needed("group_id", Text, GROUP_ID),
    needed("member_id", Text, MEMBER_ID),
    needed("sent_at", Time, &["msgtime", "ts", "time", "send_time", "发送时间", "消息时间", "时间"]),
    optional("message_id", Text, &["msgid", "msg_id", "消息id"]),
    optional("kind", Text, &["msgtype", "msg_type", "type", "消息类型", "类型"]),
    optional("reply_to", Text, &["quote_msgid", "回复消息id", "引用消息id", "回复"]),
    optional("topic", Text, &["话题", "主题"]),
    derived("answered_at", Time),
    derived("answered_by_role", Text),
];

const POSTS: &[Column] = &[
    needed("post_id", Text, &["content_id", "内容id", "推送id", "素材id"]),
    needed("group_id", Text, GROUP_ID),
    needed("sent_at", Time, &["send_time", "发送时间", "推送时间", "群发时间"]),
    optional("kind", Text, &["content_kind", "内容类型", "类型"]),
    optional("title", Text, &["标题", "内容标题"]),
    optional("reached", Int, &["送达人数", "触达人数"]),
    optional("product_id", Text, PRODUCT_ID),
    derived("is_new_product", Bool),
];

const EVENTS: &[Column] = &[
    needed("group_id", Text, GROUP_ID),
    needed("member_id", Text, MEMBER_ID),
    needed("at", Time, &["ts", "time", "event_time", "时间", "发生时间", "行为时间"]),
    needed("event", Text, &["event_type", "behavior", "behavior_type", "action", "行为", "事件", "行为类型"]),
    optional("post_id", Text, &["content_id", "内容id", "推送id", "素材id"]),
    optional("ref", Text, &["reference", "关联id", "关联对象", "对象"]),
    optional("value", Decimal, &["数值", "数量", "积分"]),
];

const ORDERS: &[Column] = &[
    needed("order_id", Text, &["trade_no", "transaction_id", "订单id", "订单号", "订单编号", "交易单号"]),
    // Without it, orders are attributed to a group of the buyer.
    optional("group_id", Text, GROUP_ID),
    needed("member_id", Text, MEMBER_ID),
    needed(
        "paid_at",
        Time,
        &["pay_time", "payment_time", "order_date", "付款时间", "支付时间", "交易时间", "下单时间"],
    ),
    needed(
        "amount",
        Decimal,
        &["pay_amount", "total", "付款金额", "付款金额(元)", "实付金额", "实付金额(元)", "支付金额", "订单金额"],
    ),
    optional("product_id", Text, PRODUCT_ID),
    optional("coupon_id", Text, &["优惠券id", "优惠券"]),
    optional("refunded_at", Time, &["refund_time", "退款时间"]),
];

const SURVEYS: &[Column] = &[
    needed("group_id", Text, GROUP_ID),
    needed("member_id", Text, MEMBER_ID),
    needed("answered_at", Time, &["submit_time", "提交时间", "答题时间", "填写时间", "回答时间"]),
    needed("survey", Text, &["survey_type", "type", "问卷", "问卷类型"]),
    optional("score", Int, &["评分", "分数", "得分", "打分"]),
    optional("passed", Bool, &["通过", "是否通过"]),
    optional("reason", Text, &["原因", "理由", "离开原因"]),
];

const PRODUCTS: &[Column] = &[
    needed("product_id", Text, PRODUCT_ID),
    needed("name", Text, &["product_name", "title", "商品名称", "品名", "宝贝名称"]),
    optional("category", Text, &["类目", "分类", "品类"]),
    optional("price", Decimal, &["单价", "价格", "售价"]),
    optional("cost", Decimal, &["成本", "成本价"]),
    optional("role", Text, &["选品角色", "商品角色"]),
    optional("launched_on", Date, &["上架日期", "上市日期", "上新日期"]),
];

const DAILY: &[Column] = &[
    needed("group_id", Text, GROUP_ID),
    needed("date", Date, &["stat_time", "day", "日期", "统计日期"]),
    optional("members", Int, &["member_total", "群成员总数", "成员数"]),
    optional("speakers", Int, &["member_has_msg", "发言人数", "发过消息的群成员数"]),
    optional("messages", Int, &["msg_total", "消息数", "消息总数", "群消息总数"]),
    optional("joins", Int, &["new_member_cnt", "新增成员数", "入群人数", "新增人数"]),
    optional("leaves", Int, &["退群人数", "流失人数"]),
];
