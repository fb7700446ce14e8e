-- Every indicator of every observed entity, the states that fired and those that did not, side by side.
select * from indicator.look_alike_of_listed_party
union all
select * from indicator.formed_after_listing_of_look_alike
union all
select * from indicator.at_listed_address
union all
select * from indicator.same_address_unit_as_listed_party
union all
select * from indicator.trade_with_listed_party_after_listing
union all
select * from indicator.new_importer_of_controlled_goods
union all
select * from indicator.at_mass_registration_address
union all
select * from indicator.established_before_listing
union all
select * from indicator.dissolved_before_listing
