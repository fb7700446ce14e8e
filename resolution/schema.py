"""The shape of every table that enters or leaves resolution, named once."""

import pyarrow as pa

RECORDS = pa.schema(
    [
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("source", pa.string()),
        pa.field("name", pa.string()),
        pa.field("other_names", pa.list_(pa.string())),
        pa.field("country", pa.string()),  # ISO 3166 alpha-2 where known, any spelling accepted
        pa.field("address", pa.string()),
        pa.field("city", pa.string()),
        pa.field("postcode", pa.string()),
        pa.field("registration_number", pa.string()),
        pa.field("lei", pa.string()),
        pa.field("phone", pa.string()),
        pa.field("email", pa.string()),
        pa.field("website", pa.string()),
        pa.field("incorporation_date", pa.date32()),
        pa.field("dissolution_date", pa.date32()),
        pa.field("known_since", pa.date32()),  # earliest day on which the source already knew the company
        pa.field("is_register", pa.bool_()),  # its source states each legal entity once: no two of them are one
        pa.field("is_synthetic", pa.bool_()),  # invented; never compared with real records
    ]
)
"""One row per record: one company as stated once by one source."""

JUDGEMENTS = pa.schema(
    [
        pa.field("left_record_id", pa.string(), nullable=False),
        pa.field("right_record_id", pa.string(), nullable=False),
        pa.field("judgement", pa.string(), nullable=False),  # same, different, unsure
        pa.field("reviewer", pa.string()),
        pa.field("judged_at", pa.timestamp("us", tz="UTC")),
        pa.field("left_shown", pa.string()),  # JSON of the record as it was shown, keys as in RECORDS
        pa.field("right_shown", pa.string()),
    ]
)
"""One row per standing judgement on a pair of records (superseded ones left out)."""

SCORED_PAIRS = pa.schema(
    [
        pa.field("left_record_id", pa.string(), nullable=False),
        pa.field("right_record_id", pa.string(), nullable=False),
        pa.field("match_probability", pa.float32(), nullable=False),  # same legal entity, 0-1
        pa.field("name_likeness", pa.float32(), nullable=False),  # how alike the distinctive names are, 0-1
        pa.field("name_path", pa.string(), nullable=False),  # same script, transliterated
        pa.field("blocking_rules", pa.list_(pa.string()), nullable=False),  # rules that proposed the pair
        pa.field("why", pa.string(), nullable=False),  # the strongest comparisons in words
    ]
)
"""One row per kept pair; ``left_record_id < right_record_id``. Kept: probable, uncertain or look-alike."""

CLUSTER_MEMBERS = pa.schema(
    [
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("canonical_id", pa.string(), nullable=False),
        pa.field("probability", pa.float32(), nullable=False),  # support of the record's membership, 1 for singletons
    ]
)
"""One row per record: the entity cluster it belongs to."""

CLUSTER_EVENTS = pa.schema(
    [
        pa.field("event", pa.string(), nullable=False),  # created, merged, split, retired
        pa.field("canonical_id", pa.string(), nullable=False),
        pa.field("other_canonical_id", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
    ]
)
"""One row per change of a canonical id against the previous run."""
