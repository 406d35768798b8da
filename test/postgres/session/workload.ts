/**
 * What a look at a slot must show completely: TOAST that is left unchanged, replica identity full and
 * nothing, key changes, truncate, subtransactions that are rolled back, and a column that is added in
 * mid-stream. Each string is one transaction unless it says otherwise.
 */
export const SCHEMA = [
  `create table plain (id int primary key, name text, amount numeric(10,2), at timestamptz)`,
  `create table documents (id int primary key, title text, body text)`,
  `alter table documents alter column body set storage external`,
  `create table everything (a int, b text, c text)`,
  `alter table everything replica identity full`,
  `alter table everything alter column c set storage external`,
  `create table nothing (id int, note text)`,
  `alter table nothing replica identity nothing`,
  `create table "odd ""name" ("select" int primary key, "a b" text, "ünï" text)`,
];

export const WORKLOAD = [
  `insert into plain values (1, 'one', 1.50, '2026-11-20 13:00:00.123456+00'), (2, null, null, null)`,
  `insert into documents select 1, 'big', string_agg(md5(g::text), '') from generate_series(1, 400) g`,
  // The body is stored out of line and not changed: it is not in the WAL.
  `update documents set title = 'renamed' where id = 1`,
  `update documents set body = 'short now' where id = 1`,
  `insert into everything select 1, 'x', string_agg(md5(g::text), '') from generate_series(1, 400) g`,
  `update everything set b = 'y' where a = 1`,
  `delete from everything where a = 1`,
  `insert into nothing values (1, 'no identity'), (2, E'a\\nb''c"d\\\\e')`,
  `update plain set id = 10 where id = 1`,
  `update plain set name = 'still two' where id = 2`,
  `begin;
   insert into plain values (20, 'kept', 0, null);
   savepoint a;
   insert into plain values (21, 'rolled back', 0, null);
   savepoint b;
   insert into plain values (22, 'rolled back too', 0, null);
   rollback to a;
   insert into plain values (23, 'kept as well', 0, null);
   release a;
   commit`,
  `begin; insert into plain values (30, 'never', 0, null); rollback`,
  `insert into "odd ""name" values (1, '', 'ß'), (2, 'null', null)`,
  `update "odd ""name" set "select" = 3 where "select" = 1`,
  `alter table plain add column extra text default 'new'`,
  `insert into plain values (40, 'after', 2.00, null, 'given')`,
  `update plain set extra = 'changed' where id = 10`,
  `delete from plain where id = 2`,
  `truncate documents, nothing`,
  `insert into documents values (2, 'after truncate', '')`,
];
