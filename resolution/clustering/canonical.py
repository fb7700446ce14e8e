"""Names of clusters that survive runs, and the history of the names."""

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolution.schema import CLUSTER_EVENTS, CLUSTER_MEMBERS

FOUNDED = """
select min(record_id) as record_id, 'bp-' || sha256(min(record_id))[:16] as canonical_id, cluster
from member group by cluster
"""

OVERLAP = """
select m.cluster, p.canonical_id, count(*) as records, min(m.record_id) as record_id
from member m join previous p using (record_id)
group by all
order by records desc, p.canonical_id, record_id
"""


def assign_canonical_ids(members: pa.Table, previous_members: pa.Table | None = None) -> tuple[pa.Table, pa.Table]:
    """Give every cluster its canonical id: the one most of its records had before, else a new one.

    ``members`` has ``record_id``, ``cluster`` (any integer) and ``probability``; ``previous_members`` has the
    columns of CLUSTER_MEMBERS. Ids pass greedily from the largest overlap down; each goes to one
    cluster. A new id is ``bp-`` and 16 hex digits of the SHA-256 of the cluster's smallest record id, so
    the same input gives the same ids with no history at all.

    Returns (CLUSTER_MEMBERS in the order of ``members``, CLUSTER_EVENTS). The first run has no events.
    """
    with duckdb.connect() as con:
        con.register("member", members)
        founded = con.execute(FOUNDED).to_arrow_table()
        if previous_members is None or previous_members.num_rows == 0:
            return _named(con, members, founded), CLUSTER_EVENTS.empty_table()
        con.register("previous", previous_members.select(["record_id", "canonical_id"]))
        overlap = con.execute(OVERLAP).to_arrow_table()
        kept = _inherit(overlap)
        con.register("kept", kept)
        con.register("founded", founded)
        fresh = con.execute(
            "select f.* from founded f anti join kept k using (cluster) order by f.record_id"
        ).to_arrow_table()
        fresh = _avoid_taken(con, fresh, previous_members)
        named = pa.concat_tables([kept, fresh.select(["cluster", "canonical_id"])])
        con.register("overlap", overlap)
        con.register("named", named)
        return _named(con, members, named), _events(con)


def _named(con: duckdb.DuckDBPyConnection, members: pa.Table, names: pa.Table) -> pa.Table:
    """``members`` with the canonical id of their cluster; by array look-up, to keep the input's order."""
    clusters = names["cluster"].to_numpy()
    order = np.argsort(clusters, kind="stable")
    place = order[np.searchsorted(clusters, members["cluster"].to_numpy(), sorter=order)]
    ids = pc.take(names["canonical_id"].combine_chunks(), pa.array(place))
    return pa.table([members["record_id"], ids, members["probability"]], schema=CLUSTER_MEMBERS)


def _inherit(overlap: pa.Table) -> pa.Table:
    """Greedy assignment over ``overlap``, largest first. Nearly all rows stand alone and need no loop."""
    clusters = overlap["cluster"].to_numpy()
    ids = pc.dictionary_encode(overlap["canonical_id"].combine_chunks())
    codes = ids.indices.to_numpy()
    _, cluster_place, cluster_count = np.unique(clusters, return_inverse=True, return_counts=True)
    alone = (cluster_count[cluster_place] == 1) & (np.bincount(codes, minlength=1)[codes] == 1)
    keep = alone.copy()
    taken_cluster: set[int] = set()
    taken_id: set[int] = set()
    for i in np.flatnonzero(~alone).tolist():
        cluster, code = int(clusters[i]), int(codes[i])
        if cluster not in taken_cluster and code not in taken_id:
            taken_cluster.add(cluster)
            taken_id.add(code)
            keep[i] = True
    return overlap.filter(pa.array(keep)).select(["cluster", "canonical_id"])


def _avoid_taken(con: duckdb.DuckDBPyConnection, fresh: pa.Table, previous_members: pa.Table) -> pa.Table:
    """A new id must never be one that already means something: hash again, with a number before the id."""
    con.register("fresh", fresh)
    taken = set(
        con.execute("select distinct canonical_id from fresh semi join previous using (canonical_id)")
        .to_arrow_table()["canonical_id"]
        .to_pylist()
    )
    if not taken:
        return fresh
    used = set(pc.unique(previous_members["canonical_id"]).to_pylist())
    ids = fresh["canonical_id"].to_pylist()
    records = fresh["record_id"].to_pylist()
    for i, (record_id, canonical_id) in enumerate(zip(records, ids, strict=True)):
        if canonical_id in taken:
            ids[i] = _next_free(con, record_id, used)
            used.add(ids[i])
    return fresh.set_column(fresh.schema.get_field_index("canonical_id"), "canonical_id", pa.array(ids))


def _next_free(con: duckdb.DuckDBPyConnection, record_id: str, used: set[str]) -> str:
    number = 1
    while True:
        row = con.execute("select 'bp-' || sha256(? || ':' || ?)[:16]", [str(number), record_id]).fetchone()
        if row is not None and row[0] not in used:
            return str(row[0])
        number += 1


EVENTS = """
with
was as (select canonical_id, count(*) as records from previous group by all),
gone as (
    select w.canonical_id, w.records, coalesce(sum(o.records), 0) as remaining
    from was w left join overlap o using (canonical_id)
    where not exists (select 1 from kept k where k.canonical_id = w.canonical_id)
    group by all
),
moved as (
    select n.canonical_id, o.canonical_id as other_canonical_id, o.records, w.records as of_records,
        o.canonical_id in (select canonical_id from gone) as is_gone,
        n.cluster in (select cluster from kept) as is_old
    from overlap o join named n using (cluster) join was w on w.canonical_id = o.canonical_id
    where n.canonical_id <> o.canonical_id
)
select 'created' as event, n.canonical_id, null as other_canonical_id,
    'a cluster of records that no cluster held before' as reason
from named n anti join overlap o using (cluster)
union all
select case when is_gone then 'merged' else 'split' end, canonical_id, other_canonical_id,
    records || ' of the ' || of_records || ' records of ' || other_canonical_id
    || case when is_gone then ' joined this cluster; that id is no longer used'
        when is_old then ' moved to this cluster'
        else ' left it and form this cluster' end
from moved
union all
select 'retired', canonical_id, null, 'none of its ' || records || ' records exists any more'
from gone where remaining = 0
order by all
"""


def _events(con: duckdb.DuckDBPyConnection) -> pa.Table:
    found = con.execute(EVENTS).to_arrow_table()
    return pa.table([found[name] for name in CLUSTER_EVENTS.names], schema=CLUSTER_EVENTS)
