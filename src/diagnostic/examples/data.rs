//! Examples about the drop.

use super::super::Code;
use super::Example;

const ORDERS: &str = "order_id,group_id,member_id,paid_at,amount\no1,g1,m1,2025-05-06 10:00,10.50";

pub(super) static EXAMPLES: &[Example] = &[
    Example {
        code: Code::UnknownTable,
        command: "qunce build",
        wrong: &[("data/ordrs.csv", ORDERS)],
        right: &[("data/orders.csv", ORDERS)],
    },
    Example {
        code: Code::MissingColumn,
        command: "qunce build",
        wrong: &[("data/orders.csv", "order_id,group_id,member_id,付款,amount\no1,g1,m1,2025-05-06 10:00,10.50")],
        right: &[
            ("data/orders.csv", "order_id,group_id,member_id,付款,amount\no1,g1,m1,2025-05-06 10:00,10.50"),
            ("qunce.toml", "[data.orders]\ncolumns.paid_at = \"付款\""),
        ],
    },
    Example {
        code: Code::DuplicateHeader,
        command: "qunce build",
        wrong: &[(
            "data/orders.csv",
            "order_id,group_id,member_id,paid_at,amount,amount\no1,g1,m1,2025-05-06 10:00,10.50,9",
        )],
        right: &[(
            "data/orders.csv",
            "order_id,group_id,member_id,paid_at,amount,net\no1,g1,m1,2025-05-06 10:00,10.50,9",
        )],
    },
    Example {
        code: Code::Encoding,
        command: "qunce build",
        wrong: &[("data/messages.csv", "<bytes that are neither UTF-8, UTF-16 nor GB18030>")],
        right: &[("qunce.toml", "[data.messages]\nencoding = \"big5\"")],
    },
    Example {
        code: Code::RaggedRow,
        command: "qunce build",
        wrong: &[("data/orders.csv", "order_id,group_id,member_id,paid_at,amount\no1,g1,m1,2025-05-06 10:00,1,000")],
        right: &[("data/orders.csv", "order_id,group_id,member_id,paid_at,amount\no1,g1,m1,2025-05-06 10:00,1000")],
    },
    Example {
        code: Code::UnclosedQuote,
        command: "qunce build",
        wrong: &[("data/orders.csv", "order_id,group_id,member_id,paid_at,amount\n\"o1,g1,m1,2025-05-06 10:00,10.50")],
        right: &[(
            "data/orders.csv",
            "order_id,group_id,member_id,paid_at,amount\n\"o1\",g1,m1,2025-05-06 10:00,10.50",
        )],
    },
    Example {
        code: Code::FieldTooLong,
        command: "qunce build",
        wrong: &[("data/messages.csv", "<a cell of more than 64 KiB>")],
        right: &[("qunce.toml", "[data]\nmax_field_bytes = 1048576")],
    },
    Example {
        code: Code::BadCell,
        command: "qunce build",
        wrong: &[("data/orders.csv", "order_id,group_id,member_id,paid_at,amount\no1,g1,m1,2025-05-06 10:00,¥10.50")],
        right: &[("data/orders.csv", ORDERS)],
    },
    Example {
        code: Code::ImpossibleTime,
        command: "qunce build",
        wrong: &[("data/orders.csv", "order_id,group_id,member_id,paid_at,amount\no1,g1,m1,0001-01-01 00:00,10.50")],
        right: &[("data/orders.csv", ORDERS)],
    },
    Example {
        code: Code::NegativeAmount,
        command: "qunce build",
        wrong: &[("data/orders.csv", "order_id,group_id,member_id,paid_at,amount\no1,g1,m1,2025-05-06 10:00,-5")],
        right: &[(
            "data/orders.csv",
            "order_id,group_id,member_id,paid_at,amount,refunded_at\no1,g1,m1,2025-05-06 10:00,5,2025-05-07 10:00",
        )],
    },
    Example {
        code: Code::DuplicateKey,
        command: "qunce build",
        wrong: &[(
            "data/orders.csv",
            "order_id,group_id,member_id,paid_at,amount\no1,g1,m1,2025-05-06 10:00,10.50\no1,g1,m1,2025-05-06 10:00,9",
        )],
        right: &[(
            "data/orders.csv",
            "order_id,group_id,member_id,paid_at,amount\no1,g1,m1,2025-05-06 10:00,10.50\no2,g1,m1,2025-05-06 10:00,9",
        )],
    },
    Example {
        code: Code::Orphans,
        command: "qunce build",
        wrong: &[("data/orders.csv", "order_id,group_id,member_id,paid_at,amount\no1,g9,m1,2025-05-06 10:00,10.50")],
        right: &[("data/orders.csv", ORDERS)],
    },
    Example {
        code: Code::TooManyBadRows,
        command: "qunce build",
        wrong: &[("data/orders.csv", "order_id,group_id,member_id,paid_at,amount\no1,g1,m1,昨天,10.50")],
        right: &[("data/orders.csv", ORDERS)],
    },
    Example {
        code: Code::EmptyFile,
        command: "qunce build",
        wrong: &[("data/orders.csv", "")],
        right: &[("data/orders.csv", ORDERS)],
    },
    Example {
        code: Code::FileChanged,
        command: "qunce build",
        wrong: &[("data/orders.csv", "<an export that is still being written>")],
        right: &[("data/orders.csv", "<write it under another name and rename it when it is whole>")],
    },
    Example {
        code: Code::UnknownPlaybook,
        command: "qunce build",
        wrong: &[("data/groups.csv", "group_id,name,playbook,created_on\ng1,茶友会,vlp,2025-01-06")],
        right: &[("data/groups.csv", "group_id,name,playbook,created_on\ng1,茶友会,vip,2025-01-06")],
    },
    Example {
        code: Code::NoData,
        command: "qunce build",
        wrong: &[("qunce.toml", "[data]\ndir = \"drops\"")],
        right: &[("qunce.toml", "[data]\ndir = \"data\"")],
    },
    Example {
        code: Code::FileLoop,
        command: "qunce build",
        wrong: &[("data/again/", "<a link to the folder `data`, or out of the workspace>")],
        right: &[("data/", "<files and folders>")],
    },
    Example {
        code: Code::EmptyKey,
        command: "qunce build",
        wrong: &[("data/orders.csv", "order_id,group_id,member_id,paid_at,amount\n,g1,m1,2025-05-06 10:00,10.50")],
        right: &[("data/orders.csv", ORDERS)],
    },
];
