import type { Cluster } from '../../../scripts/postgres/cluster';

/** Tables of ordinary rows, in four shapes; every fourth has values that are stored out of line. */
const TABLES = 60;
/** Keys that are changed again and again. */
const HOT_KEYS = 1000;
/** Of all changes: in five transactions, of out-of-line values, of the hot keys. */
const SHARES = { huge: 0.26, toast: 0.2, hot: 0.012 };
const HUGE_TRANSACTIONS = 5;

/** The one table whose rows are those of {@link HOT_KEYS}. */
export const HOT_TABLE = 'shop.accounts';
/** Stands in the note of one row of an ordinary table in each hundred thousand. */
export const NEEDLE = 'a needle of the haystack';

/**
 * Writes about so many changes with two sessions at a time, so that transactions lie between each other
 * as they do on a server that is used. The publication `p` has all tables.
 */
export async function writeWorkload(cluster: Cluster, events: number): Promise<void> {
  const ordinary = Math.floor(events * (1 - SHARES.huge - SHARES.toast - SHARES.hot));
  const toast = Math.floor(events * SHARES.toast);
  const updatesOfAKey = Math.ceil((events * SHARES.hot) / HOT_KEYS);
  const huge = Math.ceil((events * SHARES.huge) / HUGE_TRANSACTIONS);
  const sessions = [await cluster.openAdmin(), await cluster.openAdmin()] as const;
  try {
    const work = async (session: (typeof sessions)[number], calls: string[]): Promise<void> => {
      for (const call of calls) await session.query(`call ${call}`);
    };
    await Promise.all([
      work(sessions[0], [`ordinary(${String(ordinary)})`]),
      work(
        sessions[1],
        Array.from({ length: HUGE_TRANSACTIONS }, (_, i) => [
          `documents(${String(i)}, ${String(Math.ceil(toast / HUGE_TRANSACTIONS))})`,
          `huge(${String(i)}, ${String(huge)})`,
          `hot(${String(Math.ceil(updatesOfAKey / HUGE_TRANSACTIONS))})`,
        ]).flat(),
      ),
    ]);
  } finally {
    for (const session of sessions) await session.end();
  }
}

/** Makes the tables, and the procedures that write into them. */
export function prepareWorkload(cluster: Cluster): Promise<unknown> {
  return cluster.adminQuery(`
    create schema shop;
    do $$ begin
      for i in 1..${String(TABLES)} loop
        execute case i % 4
          when 0 then format('create table shop.documents_%s (id bigint primary key, title text,
            body text, version int, at timestamptz)', i)
          when 1 then format('create table shop.orders_%s (id bigint primary key, customer int,
            total numeric(10,2), state text, note text, at timestamptz)', i)
          when 2 then format('create table shop.events_%s (id bigint primary key, kind text,
            payload jsonb, ok boolean, at timestamptz)', i)
          else format('create table shop.items_%s (id bigint primary key, sku uuid, quantity int,
            price numeric(12,4), tags text[])', i)
        end;
        if i % 4 = 0 then
          execute format('alter table shop.documents_%s alter body set storage external', i);
        end if;
      end loop;
    end $$;
    create table ${HOT_TABLE} (id int primary key, owner text, balance numeric(12,2), changes int);
    insert into ${HOT_TABLE} select g, 'owner ' || g, 0, 0 from generate_series(1, ${String(HOT_KEYS)}) g;
    create publication p for tables in schema shop;

    create function rows_of(i int, first bigint, last bigint) returns text language sql as $$
      select case i % 4
        when 1 then format('insert into shop.orders_%s select g, g %% 1000, g %% 5000 / 7.0,
          case g %% 10 when 0 then ''cancelled'' when 1 then ''paid'' else ''open'' end,
          case when g %% 100000 = 77777 then %L else ''some words that a row of a shop has'' end,
          now() from generate_series(%s, %s) g', i, '${NEEDLE}', first, last)
        when 2 then format('insert into shop.events_%s select g, ''kind '' || g %% 7,
          jsonb_build_object(''visit'', g, ''page'', ''/shop/'' || g %% 300), g %% 3 = 0, now()
          from generate_series(%s, %s) g', i, first, last)
        else format('insert into shop.items_%s select g, gen_random_uuid(), g %% 40, g / 333.0,
          array[''red'', ''size '' || g %% 50] from generate_series(%s, %s) g', i, first, last)
      end
    $$;
    create function name_of(i int) returns text language sql as $$
      select format('shop.%s_%s', (array['documents', 'orders', 'events', 'items'])[i % 4 + 1], i)
    $$;
    create function change_of(i int) returns text language sql as $$
      select (array['version = version + 1', 'state = ''shipped'', at = now()', 'ok = not ok',
        'quantity = quantity + 1'])[i % 4 + 1]
    $$;

    -- Transactions of one to some hundred changes: rows come, half of them change, some go again.
    create procedure ordinary(changes bigint) language plpgsql as $$
      declare n int; i int; id bigint := 1; done bigint := 0; k int := 0;
      begin
        while done < changes loop
          k := k + 1;
          i := k % ${String(TABLES)} + 1;
          if i % 4 = 0 then continue; end if;
          n := (array[1, 1, 1, 1, 1, 8, 8, 8, 40, 150])[k % 10 + 1];
          execute rows_of(i, id, id + n - 1);
          execute format('update %s set %s where id between %s and %s', name_of(i), change_of(i), id, id + n / 2 - 1);
          execute format('delete from %s where id between %s and %s', name_of(i), id, id + n / 4 - 1);
          commit;
          id := id + n;
          done := done + n + n / 2 + n / 4;
        end loop;
      end $$;
    -- As many rows with a value out of line as updates that leave it as it is.
    create procedure documents(part int, changes bigint) language plpgsql as $$
      declare i int; id bigint := part * 10000000; done bigint := 0; k int := 0;
      begin
        while done < changes loop
          k := k + 1;
          i := (k % (${String(TABLES)} / 4) + 1) * 4;
          execute format('insert into %s select g, ''title '' || g, repeat(md5(g::text), 66), 1, now()
            from generate_series(%s, %s) g', name_of(i), id, id + 19);
          commit;
          execute format('update %s set version = 2 where id between %s and %s', name_of(i), id, id + 19);
          commit;
          id := id + 20;
          done := done + 40;
        end loop;
      end $$;
    create procedure huge(part int, changes bigint) language plpgsql as $$
      begin
        execute rows_of(part + 1 + (part + 1) / 4, 1000000000, 1000000000 + changes - 1);
        commit;
      end $$;
    -- Each key once in each turn, ten to a transaction.
    create procedure hot(turns int) language plpgsql as $$
      begin
        for turn in 1..turns loop
          for batch in 0..${String(HOT_KEYS / 10 - 1)} loop
            update ${HOT_TABLE} set balance = balance + 1.5, changes = changes + 1
              where id between batch * 10 + 1 and batch * 10 + 10;
            commit;
          end loop;
        end loop;
      end $$;
  `);
}
