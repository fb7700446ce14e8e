-- What the mappings make of the raw tables: renamed and cast, nothing judged.
-- The loader appends to these; the core models read them. One statement by one source per row:
-- (file_id, line) lead back to the landed file.

create schema staging;

create table staging.company_record (
    record_id                    varchar not null,  -- source || ':' || raw key
    source                       varchar not null,
    source_key                   varchar not null,
    record_kind                  varchar not null,  -- company, person, vessel, aircraft, address, unknown
    name                         varchar,
    jurisdiction                 varchar,           -- ISO 3166 alpha-2, upper case
    registration_number          varchar,
    lei_code                     varchar,
    legal_form                   varchar,           -- as published
    status                       varchar,           -- as published
    incorporation_date           date,
    incorporation_date_precision varchar,           -- day, month, year
    dissolution_date             date,
    dissolution_date_precision   varchar,
    file_id                      integer not null,
    line                         bigint not null
);

create table staging.record_name (
    record_id varchar not null,
    name      varchar not null,
    name_kind varchar not null,      -- primary, alias, weak_alias, former, trading, transliterated
    language  varchar,
    file_id   integer not null,
    line      bigint not null
);

create table staging.record_address (
    record_id    varchar not null,
    address      varchar not null,   -- one line, parts joined by ', '
    city         varchar,
    region       varchar,
    postcode     varchar,
    country      varchar,            -- ISO 3166 alpha-2
    address_kind varchar not null,   -- registered, operating, listed, delivery, unknown
    file_id      integer not null,
    line         bigint not null
);

create table staging.record_identifier (
    record_id       varchar not null,
    identifier_kind varchar not null,  -- registration_number, lei, tax, imo, phone, email, website …
    identifier      varchar not null,
    country         varchar,
    file_id         integer not null,
    line            bigint not null
);

create table staging.listing (
    record_id             varchar not null,
    list_name             varchar not null,   -- Entity List, SDN …
    programme             varchar,
    authority             varchar,            -- e.g. Federal Register citation
    listed_date           date,
    listed_date_precision varchar,
    delisted_date         date,
    is_address_entry      boolean not null,   -- the entry lists an address, not a party
    remarks               varchar,
    file_id               integer not null,
    line                  bigint not null
);

create table staging.shipment (
    shipment_id             varchar not null,
    source                  varchar not null,
    source_key              varchar not null,
    direction               varchar not null,   -- import, export
    shipment_date           date,
    shipment_date_precision varchar,
    origin_country          varchar,
    destination_country     varchar,
    port_of_lading          varchar,
    port_of_unlading        varchar,
    vessel_name             varchar,
    gross_weight_kg         double,
    value_usd               double,
    file_id                 integer not null,
    line                    bigint not null
);

create table staging.shipment_party (
    shipment_id varchar not null,
    role        varchar not null,     -- shipper, consignee, notify_party …
    record_id   varchar not null,     -- the party as this source states it: same source, name, address, country = same record
    file_id     integer not null,
    line        bigint not null
);

create table staging.shipment_goods (
    shipment_id      varchar not null,
    hs_code          varchar,          -- digits only
    description      varchar,
    quantity         double,
    quantity_unit    varchar,
    weight_kg        double,
    value_usd        double,
    container_number varchar,
    file_id          integer not null,
    line             bigint not null
);
