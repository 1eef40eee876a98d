//! Random trees, as the parser could have made them.

use proptest::prelude::*;

use crate::CheckKind;
use crate::changes::ChangeKind;
use crate::evaluation::Outcome;
use crate::query::period::period;
use crate::query::{
    Bounds, Choice, Measure, MetaTest, Node, NodeKind, Operator, Period, PredictedTest, Quantity, Query, ReviewTest,
    Test, Unit,
};
use crate::review::Blame;

/// A tree without its places, which a printed text has elsewhere.
pub(super) fn bare(query: Query) -> Query {
    Query { root: query.root.map(bare_node) }
}

fn bare_node(node: Node) -> Node {
    let list = |nodes: Vec<Node>| nodes.into_iter().map(bare_node).collect();
    let kind = match node.kind {
        NodeKind::And(nodes) => NodeKind::And(list(nodes)),
        NodeKind::Or(nodes) => NodeKind::Or(list(nodes)),
        NodeKind::Not(inner) => NodeKind::Not(Box::new(bare_node(*inner))),
        NodeKind::Test(test, _) => NodeKind::Test(test, 0..0),
    };
    Node { range: 0..0, kind }
}

pub(super) fn query() -> impl Strategy<Value = Query> {
    proptest::option::weighted(0.95, node()).prop_map(|root| Query { root })
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = test().prop_map(|test| of(NodeKind::Test(test, 0..0)));
    leaf.prop_recursive(5, 24, 4, |inner| {
        let list = || proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            list().prop_map(|nodes| of(NodeKind::And(nodes))),
            list().prop_map(|nodes| of(NodeKind::Or(nodes))),
            inner.clone().prop_map(|node| of(NodeKind::Not(Box::new(node)))),
        ]
    })
}

fn of(kind: NodeKind) -> Node {
    Node { range: 0..0, kind }
}

fn test() -> impl Strategy<Value = Test> {
    let name = proptest::sample::select(vec!["fork", "FORK", "Scissors", "タグ 猫"]).prop_map(str::to_owned);
    let hex = proptest::sample::select(vec!["0", "00000000-0000-4", "0000001"]).prop_map(str::to_owned);
    prop_oneof![
        text().prop_map(Test::Text),
        choice(name).prop_map(Test::Tag),
        measure(),
        (proptest::sample::select(vec![800_u32, 80, 7]), proptest::sample::select(vec![600_u32, 60]))
            .prop_map(|(width, height)| Test::Size(width, height)),
        choice(bounds(a_period())).prop_map(Test::Created),
        (key(), meta()).prop_map(|(key, test)| Test::Meta(key, test)),
        hex.prop_map(Test::Id),
        proptest::sample::select(&ReviewTest::ALL[..]).prop_map(Test::Review),
        choice(text()).prop_map(Test::Comment),
        choice(proptest::sample::select(&CheckKind::ALL[..])).prop_map(Test::Check),
        choice(proptest::sample::select(&ChangeKind::ALL[..])).prop_map(Test::Change),
        predicted(),
    ]
}

fn predicted() -> impl Strategy<Value = Test> {
    let names = || choice(proptest::sample::select(vec!["fork", "Scissors", "タグ 猫"]).prop_map(str::to_owned));
    let share = proptest::sample::select(vec![0.0, 0.25, 0.5, 1.0]);
    let share = share.prop_map(|value| Quantity { value, unit: Unit::Plain });
    let measure = proptest::sample::select(vec![Measure::Score, Measure::Iou]);
    prop_oneof![
        choice(proptest::sample::select(&Outcome::ALL[..]))
            .prop_map(|choice| Test::Predicted(PredictedTest::Outcome(choice))),
        names().prop_map(|choice| Test::Predicted(PredictedTest::Tag(choice))),
        names().prop_map(|choice| Test::Predicted(PredictedTest::Label(choice))),
        choice(proptest::sample::select(&Blame::ALL[..]))
            .prop_map(|choice| Test::Predicted(PredictedTest::Review(choice))),
        (measure, bounds(share)).prop_map(|(measure, bounds)| Test::Measure(measure, bounds)),
    ]
}

/// Texts that occur, and texts that are hard to write.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "fork", "c1", "FRÜH", "猫", "or", "NOT", "-x", "a\"b\\", "meta.", "(x)", "none", "any", "tag:x", "!", "0a",
            "\u{3000}"
        ])
        .prop_map(str::to_owned),
        "[a-z\"\\\\ ():=!-]{1,6}",
    ]
}

fn key() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["camera", "Schicht Nr", "ISO", "a=b", "x.y", "\"", "no\\pe", "!"])
        .prop_map(str::to_owned)
}

fn meta() -> impl Strategy<Value = MetaTest> {
    let value = proptest::sample::select(vec!["c1", "C2", "früh 3", "1e3", "", "a b"]).prop_map(str::to_owned);
    prop_oneof![
        Just(MetaTest::Exists),
        value.prop_map(MetaTest::Is),
        (order(), number()).prop_map(|(comparison, number)| MetaTest::Compare(comparison, number)),
    ]
}

fn order() -> impl Strategy<Value = Operator> {
    use Operator as C;
    proptest::sample::select(vec![C::Less, C::LessEqual, C::Greater, C::GreaterEqual])
}

fn choice<T: Clone + std::fmt::Debug>(inner: impl Strategy<Value = T>) -> impl Strategy<Value = Choice<T>> {
    prop_oneof![1 => Just(Choice::None), 1 => Just(Choice::Any), 3 => inner.prop_map(Choice::Is)]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        proptest::sample::select(vec![0.0, 1.0, 2.0, 3.0, 10.0, 20.0, 50.0, 80.0, 600.0, 800.0, 480_000.0, 0.25]),
        (-1_000_i32..100_000).prop_map(|thousandths| f64::from(thousandths) / 1000.0),
    ]
}

fn measure() -> impl Strategy<Value = Test> {
    use Measure as M;
    let counts = proptest::sample::select(vec![M::Regions, M::Findings, M::Aspect]);
    let pixels = proptest::sample::select(vec![M::Width, M::Height, M::Pixels, M::Moved]);
    let both = vec![M::RegionWidth, M::RegionHeight, M::Area, M::Left, M::Top, M::Right, M::Bottom];
    let units = proptest::sample::select(vec![Unit::Pixels, Unit::Percent]);
    let measure = prop_oneof![
        counts.prop_map(|measure| (measure, Unit::Plain)),
        pixels.prop_map(|measure| (measure, Unit::Pixels)),
        (proptest::sample::select(both), units),
    ];
    measure.prop_flat_map(|(measure, unit)| {
        bounds(number().prop_map(move |value| Quantity { value, unit }))
            .prop_map(move |bounds| Test::Measure(measure, bounds))
    })
}

fn a_period() -> impl Strategy<Value = Period> {
    proptest::sample::select(vec![
        "2024",
        "2023",
        "2024-03",
        "2024-12",
        "2024-06-07",
        "2024-03-03T02",
        "2024-03-03T02:00",
        "2024-03-03T02:00:00",
    ])
    .prop_map(|text| period(text).expect("period"))
}

fn bounds<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Bounds<T>> {
    let value = value.boxed();
    let compared = prop_oneof![order(), Just(Operator::Equal)];
    prop_oneof![
        (compared, value.clone()).prop_map(|(comparison, value)| Bounds::Compare(comparison, value)),
        (value.clone(), value.clone()).prop_map(|(from, to)| Bounds::Between(Some(from), Some(to))),
        value.clone().prop_map(|from| Bounds::Between(Some(from), None)),
        value.prop_map(|to| Bounds::Between(None, Some(to))),
    ]
}
