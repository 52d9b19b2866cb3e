//! Invented names of persons, brands and places. No brand here exists as far as its author knows.

/// Family names.
pub const SURNAMES: [&str; 20] = [
    "林", "陈", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许",
    "沈",
];

/// Given names and pet forms.
pub const GIVEN: [&str; 32] = [
    "雨桐", "子墨", "一诺", "诗涵", "可欣", "思远", "佳怡", "晨曦", "梓萱", "浩然", "若琳", "安安", "乐乐", "豆豆",
    "米粒", "果果", "悠悠", "朵朵", "团团", "小满", "知夏", "清禾", "予安", "星野", "嘉树", "南乔", "慕晴", "书瑶",
    "景行", "云舒", "听雪", "念念",
];

/// Things a nickname may be about.
pub const NOUNS: [&str; 24] = [
    "柠檬",
    "橘子",
    "麻薯",
    "布丁",
    "松鼠",
    "海盐",
    "月亮",
    "云朵",
    "橙子",
    "栗子",
    "桃子",
    "奶茶",
    "泡芙",
    "向日葵",
    "蒲公英",
    "刺猬",
    "土豆",
    "年糕",
    "薄荷",
    "桂花",
    "鲸鱼",
    "风铃",
    "汤圆",
    "樱桃",
];

/// How they are.
pub const ADJECTIVES: [&str; 20] = [
    "爱吃的",
    "早睡的",
    "努力的",
    "发呆的",
    "不加班的",
    "甜甜的",
    "慢慢来的",
    "快乐的",
    "迷路的",
    "晒太阳的",
    "勤快的",
    "低调的",
    "认真的",
    "贪睡的",
    "省钱的",
    "爱笑的",
    "跑步的",
    "今天也要",
    "一颗",
    "半糖",
];

/// Emoji at the end of nicknames, some made of several code points.
pub const EMOJI: [&str; 10] = ["🌸", "🍞", "🐶", "✨", "👩‍👧", "🌙", "💪🏻", "🍀", "🎀", "❤️"];

/// Latin nicknames.
pub const LATIN: [&str; 16] = [
    "Amy", "Vivian", "Momo", "Leo", "Cici", "Kiki", "Jason", "Tina", "Luna", "Coco", "Eric", "Nana", "Yoyo", "Sunny",
    "Mia", "Echo",
];

/// Nicknames that break what does not escape: markup, tables, formulas, quotes, invisible marks.
pub const HOSTILE: [&str; 16] = [
    "<b>小米</b>",
    "=1+1",
    "a|b|c",
    "\"老王\"",
    "@所有人",
    "-2+3",
    "</script>酱",
    "{{ name }}",
    "阿\u{200b}宁",
    "逗号,小姐",
    "[点我](x)",
    "*加粗*_先生_",
    "A&B",
    "'单引号'",
    "\u{202e}倒着写\u{202c}",
    "+86大叔",
];

/// Advisers of VIP groups.
pub const ADVISORS: [&str; 6] = ["顾问苏晴", "顾问陆遥", "顾问韩笑", "顾问程然", "顾问白露", "顾问季春"];

/// Owners of groups: few, so that each has several.
pub const OWNERS: [&str; 5] = ["沈若晴", "陆子衡", "顾晓彤", "韩一鸣", "白静宜"];

/// Cities with their region.
pub const PLACES: [(&str, &str); 12] = [
    ("杭州", "华东"),
    ("上海", "华东"),
    ("成都", "西南"),
    ("武汉", "华中"),
    ("苏州", "华东"),
    ("北京", "华北"),
    ("广州", "华南"),
    ("天津", "华北"),
    ("深圳", "华南"),
    ("南京", "华东"),
    ("长沙", "华中"),
    ("重庆", "西南"),
];

/// How customers come in; the second is by invitation.
pub const SOURCES: [&str; 5] = ["qr_code", "invite", "share_link", "store", "live"];

/// Why customers leave, in the order of a climate's weights.
pub const EXIT_REASONS: [&str; 5] = ["content_stale", "too_quiet", "too_few_benefits", "too_many_promos", "other"];

/// Values of `skin_type`.
pub const SKIN: [&str; 4] = ["dry", "oily", "combination", "sensitive"];

/// Values of `skill_level`.
pub const SKILL: [&str; 3] = ["beginner", "intermediate", "advanced"];

/// Tiers of VIP groups and of others, lowest first.
pub const TIERS: [[&str; 3]; 2] = [["silver", "gold", "diamond"], ["newcomer", "regular", "core"]];

/// Hostile topics of messages.
pub const HOSTILE_TOPICS: [&str; 4] = ["<i>急</i>", "求助\n在线等", "A|B怎么选", "=SUM(A1)"];
