-- Where a silo's port is: on which machine, since its last start, in which network of it, at which address; null where that cannot be told. Only one process at a time can listen
-- at a place. So a silo that listens there knows that an earlier one of the same place has ended, and need not wait until its lease has run out.
ALTER TABLE orleans_members ADD COLUMN place text;

UPDATE orleans_schema SET number = 2 WHERE part = 'membership';
