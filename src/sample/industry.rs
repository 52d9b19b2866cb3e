//! Industries of the invented brands: what they sell, talk about and post.

/// The extra column of members that an industry fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// `baby_age_months`
    BabyAge,
    /// `skin_type`
    Skin,
    /// `skill_level`
    Skill,
    /// None.
    None,
}

/// A line of products in its usual packing.
#[derive(Debug, Clone, Copy)]
pub struct Article {
    /// Name.
    pub name: &'static str,
    /// Index into the categories.
    pub category: usize,
    /// Usual price in cents.
    pub cents: u64,
}

const fn a(name: &'static str, category: usize, yuan: u64) -> Article {
    Article { name, category, cents: yuan * 100 }
}

/// An industry.
#[derive(Debug)]
pub struct Industry {
    /// Two letters for product ids.
    pub code: &'static str,
    /// Brands; groups beyond the first twelve use the later ones.
    pub brands: [&'static str; 3],
    /// Categories.
    pub categories: [&'static str; 4],
    /// Articles: two viral, three hot, three potential, four regular ones.
    pub articles: [Article; 12],
    /// Topics of questions and posts, in the order of the useful titles.
    pub topics: [&'static str; 6],
    /// Titles of useful posts.
    pub useful: [&'static str; 6],
    /// Titles of stories.
    pub stories: [&'static str; 3],
    /// Titles of events.
    pub events: [&'static str; 3],
    /// Extra column.
    pub attribute: Attribute,
}

/// Bakery.
pub static BAKERY: Industry = Industry {
    code: "bk",
    brands: ["麦屿烘焙", "晨谷面包房", "一炉小麦"],
    categories: ["面包", "蛋糕", "饼干", "烘焙工具"],
    articles: [
        a("爆浆麻薯包", 0, 12),
        a("海盐可颂", 0, 10),
        a("奶油肉松小贝", 1, 26),
        a("巴斯克蛋糕", 1, 38),
        a("全麦欧包", 0, 18),
        a("抹茶曲奇", 2, 32),
        a("低糖戚风", 1, 36),
        a("坚果能量饼", 2, 28),
        a("生日蛋糕六寸", 1, 168),
        a("手作面包券十次卡", 0, 128),
        a("家用打蛋器", 3, 139),
        a("烘焙模具套装", 3, 99),
    ],
    topics: ["吐司保存", "戚风回缩", "烤箱温度", "早餐搭配", "面粉选择", "剩面包"],
    useful: [
        "吐司三种保存法",
        "戚风不回缩的五个细节",
        "烤箱温度对照表",
        "十分钟早餐搭配",
        "面粉怎么选不踩坑",
        "剩面包的三种新吃法",
    ],
    stories: ["凌晨四点的面包师", "一位爸爸的第一个生日蛋糕", "老顾客的十年早餐"],
    events: ["周末亲子烘焙课报名", "新品试吃官招募", "门店揉面体验日"],
    attribute: Attribute::Skill,
};

/// Mother and baby.
pub static BABY: Industry = Industry {
    code: "mb",
    brands: ["豆苗成长", "小满育儿", "一禾母婴"],
    categories: ["辅食", "纸尿裤", "洗护", "玩具绘本"],
    articles: [
        a("婴儿湿巾八十抽", 2, 16),
        a("磨牙棒", 0, 19),
        a("高铁米粉", 0, 58),
        a("拉拉裤L码", 1, 99),
        a("宝宝面霜", 2, 69),
        a("布书套装", 3, 79),
        a("有机果泥六袋", 0, 66),
        a("积木桶", 3, 109),
        a("纸尿裤整箱", 1, 268),
        a("恒温水壶", 3, 199),
        a("洗护礼盒", 2, 189),
        a("成长绘本全套", 3, 239),
    ],
    topics: ["湿疹护理", "辅食添加", "夜醒", "发热", "入园准备", "亲子游戏"],
    useful: [
        "湿疹护理三步走",
        "六月龄辅食时间表",
        "夜醒安抚的四个办法",
        "儿科医生谈发热何时就医",
        "入园准备清单",
        "十个在家就能玩的亲子游戏",
    ],
    stories: ["二胎妈妈的一天", "从手忙脚乱到从容", "群友互换婴儿车的故事"],
    events: ["周三直播答疑", "同月龄宝宝见面会", "七日阅读打卡"],
    attribute: Attribute::BabyAge,
};

/// Skin care.
pub static SKIN_CARE: Industry = Industry {
    code: "sk",
    brands: ["初曦护肤", "澄白研究社", "山茶与雾"],
    categories: ["洁面", "精华", "面霜", "防晒"],
    articles: [
        a("氨基酸洁面", 0, 49),
        a("补水面膜五片", 1, 39),
        a("清透防晒乳", 3, 88),
        a("修护面霜", 2, 129),
        a("烟酰胺精华", 1, 139),
        a("舒缓喷雾", 1, 59),
        a("屏障修护乳", 2, 118),
        a("防晒喷雾", 3, 79),
        a("早晚护肤套组", 1, 399),
        a("抗初老精华", 1, 329),
        a("眼霜", 2, 219),
        a("敏感肌礼盒", 2, 289),
    ],
    topics: ["敏感肌", "防晒补涂", "闭口", "成分党", "油皮护理", "空瓶记"],
    useful: [
        "敏感肌换季急救步骤",
        "防晒补涂的正确时间",
        "闭口和粉刺怎么区分",
        "成分表只看这五行",
        "油皮早晚流程",
        "空瓶后的真实复盘",
    ],
    stories: ["我的三十天修护日记", "配方师的一次失败", "素颜出门的勇气"],
    events: ["线下护肤沙龙", "新品内测名额", "一对一测肤预约"],
    attribute: Attribute::Skin,
};

/// Pets.
pub static PETS: Industry = Industry {
    code: "pt",
    brands: ["绒绒岛", "奔奔宠物", "九命猫舍"],
    categories: ["主粮", "零食", "洗护", "用品"],
    articles: [
        a("冻干鸡胸小袋", 1, 19),
        a("洁齿骨", 1, 22),
        a("全价猫粮两公斤", 0, 89),
        a("鲜肉犬粮", 0, 128),
        a("豆腐猫砂", 3, 45),
        a("鱼油凝胶", 1, 78),
        a("免洗手套", 2, 39),
        a("低敏洗毛液", 2, 69),
        a("定制营养餐月包", 0, 399),
        a("智能饮水机", 3, 229),
        a("年度体检卡", 2, 499),
        a("猫爬架", 3, 319),
    ],
    topics: ["换粮", "软便", "驱虫", "掉毛", "绝育", "猫粮配料"],
    useful: [
        "七日换粮表",
        "软便先看这三点",
        "驱虫时间一张图",
        "掉毛季的梳毛方法",
        "兽医谈绝育前后的准备",
        "如何看懂猫粮配料表",
    ],
    stories: ["流浪橘猫的新家", "陪它走完第十五年", "第一次带狗露营"],
    events: ["专属顾问健康档案日", "线下遛狗局", "私享营养课"],
    attribute: Attribute::None,
};

/// Fitness.
pub static FITNESS: Industry = Industry {
    code: "ft",
    brands: ["跃动铁馆", "晨跑俱乐部", "轻野训练营"],
    categories: ["装备", "补给", "课程", "恢复"],
    articles: [
        a("弹力带", 0, 29),
        a("蛋白棒一支", 1, 12),
        a("乳清蛋白粉", 1, 189),
        a("瑜伽垫", 0, 99),
        a("速干短袖", 0, 79),
        a("筋膜球", 3, 39),
        a("运动护膝", 3, 69),
        a("电解质冲剂", 1, 59),
        a("十二周训练课", 2, 399),
        a("私教体验三次", 2, 499),
        a("可调哑铃", 0, 459),
        a("筋膜枪", 3, 299),
    ],
    topics: ["热身", "膝盖保护", "平台期", "减脂饮食", "跑姿", "拉伸"],
    useful: [
        "热身五分钟跟练",
        "膝盖保护的三个技巧",
        "平台期怎么调整",
        "外食减脂点单法",
        "跑姿自查清单",
        "睡前拉伸六式",
    ],
    stories: ["九十天后的我", "从三公里到半马", "产后重新举起杠铃"],
    events: ["二十一天打卡挑战", "周末城市夜跑", "装备测评团招募"],
    attribute: Attribute::Skill,
};

/// Exam preparation.
pub static EXAM: Industry = Industry {
    code: "ex",
    brands: ["砚台公考", "青灯考研", "题海学社"],
    categories: ["资料", "课程", "题库", "文具"],
    articles: [
        a("真题小册", 0, 19),
        a("错题本", 3, 16),
        a("行测刷题卡", 2, 49),
        a("申论范文精讲", 1, 99),
        a("词汇打卡课", 1, 69),
        a("时政月刊", 0, 29),
        a("模考三套", 2, 59),
        a("速算手册", 0, 39),
        a("冲刺班", 1, 599),
        a("面试一对一", 1, 899),
        a("全年题库会员", 2, 299),
        a("作文批改十次", 1, 359),
    ],
    topics: ["资料分析", "申论结构", "时间分配", "单词记忆", "选岗", "真题考点"],
    useful: [
        "资料分析速算五招",
        "申论结构一页纸",
        "考前三十天计划表",
        "单词记忆曲线用法",
        "选岗避坑指南",
        "近五年真题考点分布",
    ],
    stories: ["二战上岸的一年", "在职备考的凌晨五点", "从倒数到第一"],
    events: ["周三名师直播", "晨读打卡营", "全真模考日"],
    attribute: Attribute::Skill,
};

/// Groceries.
pub static GROCERY: Industry = Industry {
    code: "gr",
    brands: ["半山集市", "邻里菜篮", "桥头鲜生"],
    categories: ["果蔬", "肉禽蛋", "粮油", "日用"],
    articles: [
        a("本地小番茄", 0, 10),
        a("土鸡蛋十枚", 1, 15),
        a("阳光玫瑰葡萄", 0, 39),
        a("冷鲜排骨", 1, 46),
        a("东北大米五公斤", 2, 52),
        a("高山蓝莓", 0, 33),
        a("手工水饺", 1, 36),
        a("竹纤维抽纸", 3, 29),
        a("菜籽油五升", 2, 98),
        a("牛排家庭装", 1, 168),
        a("洗衣凝珠", 3, 89),
        a("有机蔬菜周卡", 0, 139),
    ],
    topics: ["水果挑选", "冷冻肉解冻", "一周菜谱", "蔬菜保鲜", "快手晚餐", "粮油标签"],
    useful: ["当季水果挑选表", "冷冻肉的正确解冻", "一周不重样菜谱", "蔬菜保鲜小抄", "二十分钟晚餐", "看懂粮油标签"],
    stories: ["凌晨的采购车", "群主的菜地日记", "邻居互助的雨天"],
    events: ["周末果园采摘", "厨艺接龙赛", "邻里试吃会"],
    attribute: Attribute::None,
};
