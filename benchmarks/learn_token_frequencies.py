"""Count in how many company names each word stands, for the bundled table of word frequencies.

    python -m benchmarks.learn_token_frequencies --data ../shared/data

writes ``resolution/names/data/word_frequencies.tsv.gz``. Only files that may be redistributed are read - the UK
Register of Overseas Entities (OGL v3), GLEIF records (CC0), and the US Consolidated Screening List, Entity List
and OFAC lists (public domain) - and only counts of words found in at least two distinct names are written.
"""

import argparse
import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from resolution.names.information import count_words
from resolution.names.table import read_names

TABLE = Path("resolution/names/data/word_frequencies.tsv.gz")
LEAST_COUNT = 2

SOURCES = {
    "registries/gb/uk_ch_overseas_entities_2026-05.parquet": "select name from read_parquet($path)",
    "registries/gleif/lei_flat.csv": "select legal_name from read_csv($path, all_varchar = true)",
    "lists/us_csl/consolidated_2022-04.csv.gz": """
        with rows as (select name, alt_names, type from read_csv($path, all_varchar = true))
        select name from rows where type is distinct from 'Individual'
        union all
        select unnest(string_split(alt_names, '; ')) from rows where type is distinct from 'Individual'""",
    "lists/us_bis/EntityList_bis_csv_2023-12-07.csv": """
        select columns('(?i)^(name|aliases?|alternate name)$') from read_csv($path, all_varchar = true)""",
    "lists/us_ofac/2024/sdn.csv": """
        select column01 from read_csv($path, header = false, all_varchar = true, ignore_errors = true)
        where column02 like '-0-%'""",
}


def names_of(data: Path) -> Iterator[pa.Array]:
    """The names of each source, one array per source."""
    for file, query in SOURCES.items():
        with duckdb.connect() as connection:
            table = connection.execute(query, {"path": str(data / file)}).to_arrow_table()
        for column in table.columns:
            found = pa.concat_arrays(column.chunks).drop_null() if column.num_chunks else pa.array([], pa.string())
            print(f"{len(found):>8,} names  {file}")
            yield found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the source files")
    parser.add_argument("--output", type=Path, default=TABLE)
    arguments = parser.parse_args()
    names = read_names(pa.concat_arrays(list(names_of(arguments.data))).unique())
    counted = count_words(names)
    keep = np.flatnonzero(counted.per_word >= LEAST_COUNT)
    order = keep[np.lexsort((names.words.text[keep].astype(str), -counted.per_word[keep]))]
    lines = [f"names\t{counted.latin_names}\t{counted.other_names}"]
    lines += [f"{names.words.text[row]}\t{int(counted.per_word[row])}" for row in order]
    # No time stamp in the file: the same input gives the same bytes.
    with arguments.output.open("wb") as file, gzip.GzipFile("", "wb", mtime=0, fileobj=file) as packed:
        packed.write("\n".join([*lines, ""]).encode())
    print(f"{len(order):,} words of {counted.latin_names + counted.other_names:,} names -> {arguments.output}")


if __name__ == "__main__":
    main()
