//! From text to tokens, with everything refused that playbook expressions do not have.
//!
//! Of SQL's hundreds of key words only a handful keep their meaning here, so that columns may be
//! called `value`, `at` or `date`. Refusing the rest by token gives errors at the very word.

use super::error::ExprError;
use super::window::{continues_name, starts_name};
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer, Word};
use std::ops::Range;

/// More tokens than any readable condition has; keeps trees shallow enough for the stack.
const MAX_TOKENS: usize = 2000;

/// Names and quotes as SQL has them, letters of all scripts included.
#[derive(Debug)]
pub(super) struct PlaybookDialect;

impl Dialect for PlaybookDialect {
    fn is_identifier_start(&self, ch: char) -> bool {
        starts_name(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        continues_name(ch)
    }

    // A half-written `case` is an error and no column of that name.
    fn is_reserved_for_identifier(&self, kw: Keyword) -> bool {
        kw != Keyword::NoKeyword
    }

    // `a --1` subtracts; only `-- ` begins a comment.
    fn requires_single_line_comment_whitespace(&self) -> bool {
        true
    }
}

/// A token that is no white space, and where it stands.
struct Piece {
    token: Token,
    range: Range<usize>,
}

/// The tokens of a text, their spans rewritten so that a column is a byte offset plus one.
///
/// # Errors
/// Everything in the text that is no part of the language, in order.
pub(super) fn tokens(text: &str) -> Result<Vec<TokenWithSpan>, Vec<ExprError>> {
    let places = Places::new(text);
    let raw = Tokenizer::new(&PlaybookDialect, text).tokenize_with_location().map_err(|e| {
        let start = places.byte(e.location);
        vec![unreadable(&e.message, start..text.len())]
    })?;
    let mut pieces: Vec<Piece> = raw
        .into_iter()
        .filter(|t| !matches!(t.token, Token::Whitespace(_) | Token::EOF))
        .map(|t| Piece { token: t.token, range: places.byte(t.span.start)..places.byte(t.span.end) })
        .collect();
    if pieces.is_empty() {
        return Err(vec![ExprError::syntax(0..text.len(), "the expression is empty", "expected an expression")]);
    }
    if let Some(piece) = pieces.get(MAX_TOKENS) {
        let error = ExprError::syntax(
            piece.range.start..text.len(),
            "the expression is too long",
            format!("only {MAX_TOKENS} words and signs are read"),
        );
        return Err(vec![error]);
    }
    keep_key_words(&mut pieces);
    let mut errors = Vec::new();
    refuse(text, &pieces, &mut errors);
    balance(&pieces, &mut errors);
    if !errors.is_empty() {
        errors.sort_by_key(|e| e.range.start);
        return Err(errors);
    }
    Ok(pieces
        .into_iter()
        .map(|p| {
            let at = |byte: usize| Location::new(1, byte as u64 + 1);
            TokenWithSpan::new(p.token, Span::new(at(p.range.start), at(p.range.end)))
        })
        .collect())
}

fn unreadable(message: &str, range: Range<usize>) -> ExprError {
    if message.contains("Unterminated string literal") {
        return ExprError::syntax(range, "a text is not closed", "this quote has no partner")
            .help("a text ends with `'`; write `''` for a quote inside it");
    }
    if message.contains("close delimiter") {
        return ExprError::syntax(range, "a quoted name is not closed", "this quote has no partner");
    }
    if message.contains("multi-line comment") {
        return ExprError::syntax(range, "a comment is not closed", "this comment runs to the end");
    }
    ExprError::syntax(range, "the expression cannot be read from here on", "not a word, number or text")
}

/// Byte offsets by the tokenizer's lines and columns.
struct Places {
    starts: Vec<(u64, u64, usize)>,
    end: usize,
}

impl Places {
    fn new(text: &str) -> Self {
        let (mut line, mut column) = (1, 1);
        let starts = text
            .char_indices()
            .map(|(byte, c)| {
                let place = (line, column, byte);
                (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
                place
            })
            .collect();
        Self { starts, end: text.len() }
    }

    fn byte(&self, location: Location) -> usize {
        let index = self.starts.partition_point(|(l, c, _)| (*l, *c) < (location.line, location.column));
        self.starts.get(index).map_or(self.end, |(_, _, byte)| *byte)
    }
}

/// Whether a word always has its SQL meaning.
fn is_key_word(keyword: Keyword) -> bool {
    use Keyword::{AND, BETWEEN, CASE, ELSE, END, FALSE, IN, IS, LIKE, NOT, NULL, OR, THEN, TRUE, WHEN};
    matches!(keyword, AND | BETWEEN | CASE | ELSE | END | FALSE | IN | IS | LIKE | NOT | NULL | OR | THEN | TRUE | WHEN)
}

/// Whether a bare text is a key word, so that a name like it must be quoted.
pub(super) fn must_quote(name: &str) -> bool {
    matches!(Token::make_word(name, None), Token::Word(w) if is_key_word(w.keyword))
}

/// Takes from all words but the few key words their special meaning.
fn keep_key_words(pieces: &mut [Piece]) {
    for index in 0..pieces.len() {
        let after_period = index > 0 && pieces.get(index - 1).is_some_and(|p| p.token == Token::Period);
        let next = pieces.get(index + 1).map(|p| &p.token);
        let before_text = matches!(next, Some(Token::SingleQuotedString(_)));
        let before_number = matches!(next, Some(Token::Number(..)));
        let is_unit = index >= 2
            && pieces.get(index - 2).is_some_and(|p| word(&p.token).is_some_and(|w| w.keyword == Keyword::INTERVAL));
        let Some(Piece { token: Token::Word(w), .. }) = pieces.get_mut(index) else { continue };
        let keep = !after_period
            && match w.keyword {
                Keyword::DATE | Keyword::TIMESTAMP => before_text,
                Keyword::INTERVAL => before_text || before_number,
                Keyword::DAY | Keyword::DAYS | Keyword::MONTH | Keyword::MONTHS => is_unit,
                other => is_key_word(other),
            };
        if !keep {
            w.keyword = Keyword::NoKeyword;
        }
    }
}

fn word(token: &Token) -> Option<&Word> {
    match token {
        Token::Word(w) => Some(w),
        _ => None,
    }
}

/// Whether a value ends with this token.
fn ends_value(token: &Token) -> bool {
    match token {
        Token::Word(w) => matches!(
            w.keyword,
            Keyword::NoKeyword
                | Keyword::NULL
                | Keyword::TRUE
                | Keyword::FALSE
                | Keyword::END
                | Keyword::DAY
                | Keyword::DAYS
                | Keyword::MONTH
                | Keyword::MONTHS
        ),
        Token::Number(..) | Token::SingleQuotedString(_) | Token::RParen => true,
        _ => false,
    }
}

/// Whether a value begins with this token and no operator does.
fn begins_value(token: &Token) -> bool {
    match token {
        Token::Word(w) => matches!(
            w.keyword,
            Keyword::NoKeyword
                | Keyword::NULL
                | Keyword::TRUE
                | Keyword::FALSE
                | Keyword::CASE
                | Keyword::DATE
                | Keyword::TIMESTAMP
                | Keyword::INTERVAL
        ),
        Token::Number(..) | Token::SingleQuotedString(_) => true,
        _ => false,
    }
}

/// Finds tokens and words that the language does not have.
fn refuse(text: &str, pieces: &[Piece], errors: &mut Vec<ExprError>) {
    let at = |index: usize| pieces.get(index).map(|p| &p.token);
    for (index, piece) in pieces.iter().enumerate() {
        let source = text.get(piece.range.clone()).unwrap_or_default();
        let range = piece.range.clone();
        let previous = index.checked_sub(1).and_then(at);
        let after_value = previous.is_some_and(ends_value);
        if let Some(error) = refused_sign(&piece.token, source, range.clone()) {
            errors.push(error);
            continue;
        }
        if previous.and_then(word).is_some_and(|w| w.keyword == Keyword::INTERVAL) {
            // The unit follows the number.
            match at(index + 1).and_then(word) {
                Some(unit) if unit.keyword != Keyword::NoKeyword && !is_key_word(unit.keyword) => {}
                unit => {
                    errors.push(interval_unit(pieces, index, unit, text));
                    return;
                }
            }
            continue;
        }
        if let Token::Word(w) = &piece.token
            && w.quote_style.is_none()
            && previous != Some(&Token::Period)
        {
            let called = at(index + 1) == Some(&Token::LParen);
            let negated = previous.and_then(word).is_some_and(|w| w.keyword == Keyword::NOT);
            let infix = after_value || negated && index >= 2 && at(index - 2).is_some_and(ends_value);
            if let Some(help) = refused_word(&w.value, infix, called, at(index + 2)) {
                errors.push(ExprError::unsupported(range, format!("`{source}` cannot be used here"), help));
                // What follows would only be misunderstood.
                return;
            }
            if follows_value(w.keyword) && !infix && !follows_case(w.keyword, previous) {
                errors.push(ExprError::syntax(
                    range,
                    format!("`{source}` was not expected here"),
                    "expected a name, number, text or `(`",
                ));
                return;
            }
            if w.keyword == Keyword::IS {
                let negated = at(index + 1).and_then(word).is_some_and(|w| w.keyword == Keyword::NOT);
                let what = index + 1 + usize::from(negated);
                let known = at(what)
                    .and_then(word)
                    .is_some_and(|w| matches!(w.keyword, Keyword::NULL | Keyword::TRUE | Keyword::FALSE));
                if !known {
                    let range = pieces.get(what).map_or(text.len()..text.len(), |p| p.range.clone());
                    errors.push(ExprError::syntax(
                        range,
                        "`is` must be followed by `null`, `true` or `false`",
                        "expected `null`, `true` or `false`",
                    ));
                    return;
                }
            }
        }
        let unit = index >= 2
            && at(index - 2).and_then(word).is_some_and(|w| w.keyword == Keyword::INTERVAL)
            && matches!(&piece.token, Token::Word(w) if w.keyword != Keyword::NoKeyword);
        if after_value && !unit && begins_value(&piece.token) {
            if let (Some(Token::Number(..)), Some(number)) =
                (previous, index.checked_sub(1).and_then(|i| pieces.get(i)))
                && number.range.end == range.start
            {
                let range = number.range.start..range.end;
                let source = text.get(range.clone()).unwrap_or_default();
                let error = ExprError::syntax(range, format!("`{source}` is no number"), "not a number");
                errors.push(error.help("write digits only, such as `1000` or `0.15`"));
                return;
            }
            errors.push(ExprError::syntax(
                range,
                format!("an operator is missing before `{source}`"),
                "expected an operator such as `and` or `=`",
            ));
            return;
        }
    }
}

/// Whether a word only makes sense after a value.
fn follows_value(keyword: Keyword) -> bool {
    use Keyword::{AND, BETWEEN, ELSE, END, IN, IS, LIKE, OR, THEN, WHEN};
    matches!(keyword, AND | BETWEEN | ELSE | END | IN | IS | LIKE | OR | THEN | WHEN)
}

fn follows_case(keyword: Keyword, previous: Option<&Token>) -> bool {
    keyword == Keyword::WHEN && previous.and_then(word).is_some_and(|w| w.keyword == Keyword::CASE)
}

fn interval_unit(pieces: &[Piece], index: usize, unit: Option<&Word>, text: &str) -> ExprError {
    let help = "write `interval '7' day` or `interval '1' month`";
    let place = pieces.get(index + 1).map_or(text.len()..text.len(), |p| p.range.clone());
    match unit {
        Some(unit) if unit.keyword == Keyword::NoKeyword => ExprError::unsupported(
            place,
            format!("intervals are counted in days or months, not in `{}`", unit.value),
            help,
        ),
        _ => ExprError::syntax(place, "an interval needs a unit", "expected `day` or `month`").help(help),
    }
}

/// Signs that mean nothing here.
fn refused_sign(token: &Token, source: &str, range: Range<usize>) -> Option<ExprError> {
    let help = match token {
        Token::Word(_)
        | Token::SingleQuotedString(_)
        | Token::Comma
        | Token::Eq
        | Token::Neq
        | Token::Lt
        | Token::Gt
        | Token::LtEq
        | Token::GtEq
        | Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::LParen
        | Token::RParen
        | Token::Period
        | Token::Number(_, false) => return None,
        Token::DoubleEq => "write `=`".to_owned(),
        Token::RArrow => "write `>=`".to_owned(),
        Token::StringConcat => "texts cannot be joined; conditions are joined with `or`".to_owned(),
        Token::Overlap | Token::Ampersand => "write `and`".to_owned(),
        Token::Pipe => "write `or`".to_owned(),
        Token::ExclamationMark | Token::DoubleExclamationMark => "write `not`".to_owned(),
        Token::DoubleColon => "values are not cast; columns and measures have the right type already".to_owned(),
        Token::Tilde
        | Token::TildeAsterisk
        | Token::ExclamationMarkTilde
        | Token::ExclamationMarkTildeAsterisk
        | Token::DoubleTilde
        | Token::ExclamationMarkDoubleTilde => "match with `like`, where `%` stands for any text".to_owned(),
        Token::Mod => "a share is written `0.15`; `%` only stands for any text in a `like`".to_owned(),
        Token::SemiColon | Token::Char('；') => "write one expression, without `;`".to_owned(),
        Token::Char(c) => match half_width(*c) {
            Some(half) => format!("write `{half}` instead of `{c}`"),
            None => "remove it".to_owned(),
        },
        _ => "use names, numbers, texts in single quotes, and the operators of SQL's `where`".to_owned(),
    };
    Some(ExprError::unsupported(range, format!("`{source}` cannot be used here"), help))
}

/// The ASCII sign that a Chinese keyboard's sign stands for.
fn half_width(c: char) -> Option<char> {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' => Some('\''),
        '。' => Some('.'),
        '、' => Some(','),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        _ => None,
    }
}

/// What to do instead of a word of SQL that the language does not have.
fn refused_word(name: &str, after_value: bool, called: bool, argument: Option<&Token>) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    if after_value {
        return Some(match name {
            "ilike" => "write `lower(name) like '…'`",
            "rlike" | "regexp" | "similar" | "glob" => "match with `like`, where `%` stands for any text",
            "over" => "rows cannot look at other rows; declare a measure and use its name",
            "collate" => "texts are compared by their code points; fold them with `lower(…)`",
            "escape" => "`%` and `_` cannot be escaped in a `like`; compare with `=`",
            "xor" => "write `(a and not b) or (b and not a)`",
            "div" => "write `/` and `round(…)`",
            "isnull" => "write `is null`",
            "notnull" => "write `is not null`",
            "as" => "an expression is not named here",
            "from" | "where" | "group" | "order" | "having" | "limit" | "union" => {
                "write one condition or value, not a query"
            }
            _ => return None,
        });
    }
    if name == "select" {
        return Some("subqueries are not possible; declare a measure and use its name");
    }
    if !called {
        return None;
    }
    match name {
        "count" | "sum" | "avg" | "min" | "max" | "median"
            if !matches!(argument, Some(Token::SingleQuotedString(_))) =>
        {
            Some("an aggregate is declared as a measure, `[measure.id]`, and used by its id")
        }
        "exists" | "any" | "all" | "some" => Some("subqueries are not possible; declare a measure and use its name"),
        "cast" | "try_cast" | "safe_cast" | "convert" => {
            Some("values are not cast; columns and measures have the right type already")
        }
        "extract" => Some("use `hour(…)`, `weekday(…)` or `days_since(…)`"),
        "trim" | "position" | "overlay" => Some("match with `like`, where `%` stands for any text"),
        _ => None,
    }
}

/// Finds parentheses without a partner.
fn balance(pieces: &[Piece], errors: &mut Vec<ExprError>) {
    let mut open: Vec<&Range<usize>> = Vec::new();
    for piece in pieces {
        match piece.token {
            Token::LParen => open.push(&piece.range),
            Token::RParen if open.pop().is_none() => {
                errors.push(ExprError::syntax(piece.range.clone(), "a `)` closes nothing", "no `(` belongs to this"));
            }
            _ => {}
        }
    }
    for range in open {
        errors.push(ExprError::syntax(range.clone(), "a `(` is never closed", "no `)` belongs to this"));
    }
}
