"""The ledger's guards: triggers of migration 0001. Every name in them carries the schema that they live in.

Moves of balances are AFTER INSERT triggers, never BEFORE: an INSERT … ON CONFLICT DO NOTHING runs the BEFORE triggers
of rows that it then does not insert. No line of a function's body may start at the margin: the template replay drops
lines that look like settings of the dump.
"""

# prefix, the prefix itself is an account, prefix.<x> is one, minimum, maximum, hot: rules.CHART, compared by a test
CHART = """
    ('channel', false, true, NULL::bigint, NULL::bigint, true),
    ('bank', true, false, NULL, NULL, true),
    ('clearing', false, true, NULL, NULL, true),
    ('order.escrow', false, true, 0, NULL, false),
    ('seller.payable', false, true, 0, NULL, false),
    ('seller.credit', false, true, 0, NULL, false),
    ('member.wallet', false, true, 0, NULL, false),
    ('store.wallet', false, true, 0, NULL, false),
    ('agent.wallet', false, true, 0, NULL, false),
    ('debt', false, true, NULL, 0, false),
    ('pool', true, true, 0, NULL, false),
    ('cohort', false, true, 0, NULL, false),
    ('voucher.reserve', true, false, 0, NULL, false),
    ('accrual', false, true, 0, NULL, false),
    ('deposit', false, true, 0, NULL, false),
    ('prepaid', false, true, 0, NULL, false),
    ('fee', false, true, NULL, NULL, true),
    ('tax', false, true, NULL, NULL, true),
    ('house', true, false, NULL, NULL, true),
    ('own_goods', true, false, NULL, NULL, true),
    ('issued', true, false, NULL, NULL, true),
    ('vendor.balance', false, true, NULL, NULL, false),
    ('revenue', false, true, NULL, NULL, true)
"""

_FUNCTION = """
CREATE FUNCTION {schema}.%s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO '' AS $guard$
%s
$guard$;
"""

_BODIES = {
    "ledger_open_account": f"""
    DECLARE
      chart record;
    BEGIN
      SELECT * INTO chart FROM (VALUES {CHART}) AS c(prefix, exact, parts, minimum, maximum, hot)
        WHERE (c.exact AND NEW.code = c.prefix) OR (c.parts AND starts_with(NEW.code, c.prefix || '.'));
      IF NOT FOUND THEN
        RAISE EXCEPTION 'no family of the chart has account %', NEW.code USING ERRCODE = 'check_violation';
      END IF;
      IF NEW.asset NOT IN ('CNY', 'POINT', 'COIN', 'GOLD', 'ADPOINT') OR NEW.shard < 0
          OR NEW.shard >= (CASE WHEN chart.hot THEN 16 ELSE 1 END) THEN
        RAISE EXCEPTION 'account % has a wrong asset or shard', NEW.code USING ERRCODE = 'check_violation';
      END IF;
      NEW.family := chart.prefix;
      NEW.minimum := chart.minimum;
      NEW.maximum := chart.maximum;
      NEW.hot := chart.hot;
      NEW.posted := 0;
      NEW.held_out := 0;
      NEW.held_in := 0;
      RETURN NEW;
    END""",
    "ledger_stamp_entry": """
    BEGIN
      NEW.transaction := pg_current_xact_id()::text::bigint;
      NEW.created_at := now();
      RETURN NEW;
    END""",
    "ledger_move_balance": """
    BEGIN
      UPDATE {schema}.ledger_account SET posted = posted + NEW.amount
        WHERE id = NEW.account_id AND asset = NEW.asset;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'leg % names no account of asset %', NEW.id, NEW.asset USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END""",
    "ledger_check_leg": """
    DECLARE
      head bigint;
    BEGIN
      FOR head IN SELECT DISTINCT entry_id FROM new_leg LOOP
        IF (SELECT transaction FROM {schema}.ledger_entry WHERE id = head)
            IS DISTINCT FROM pg_current_xact_id()::text::bigint THEN
          RAISE EXCEPTION 'legs of entry % belong to no entry of this transaction', head
            USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (SELECT 1 FROM {schema}.ledger_posting WHERE entry_id = head
                   GROUP BY asset HAVING sum(amount) <> 0 OR count(*) < 2) THEN
          RAISE EXCEPTION 'entry % does not balance', head
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balanced';
        END IF;
      END LOOP;
      RETURN NULL;
    END""",
    "ledger_check_entry": """
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM {schema}.ledger_posting WHERE entry_id = NEW.id) THEN
        RAISE EXCEPTION 'entry % has no legs', NEW.id
          USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balanced';
      END IF;
      IF NEW.reverses_id IS NOT NULL AND EXISTS (
          SELECT 1 FROM {schema}.ledger_posting WHERE entry_id IN (NEW.id, NEW.reverses_id)
          GROUP BY account_id, asset HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'entry % is not the opposite of what it reverses', NEW.id USING ERRCODE = 'check_violation';
      END IF;
      IF NEW.hold_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM {schema}.ledger_holdresolution WHERE hold_id = NEW.hold_id AND outcome = 'posted') THEN
        RAISE EXCEPTION 'entry % posts a hold that is not posted', NEW.id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END""",
    "ledger_move_hold": """
    DECLARE
      source_last boolean;
      target bigint;
    BEGIN
      SELECT (s.hot, s.id) > (d.hot, d.id) INTO source_last
        FROM {schema}.ledger_account s, {schema}.ledger_account d
        WHERE s.id = NEW.source_id AND d.id = NEW.destination_id AND s.id <> d.id
          AND s.asset = NEW.asset AND d.asset = NEW.asset;
      IF source_last IS NULL THEN
        RAISE EXCEPTION 'hold % names no two accounts of asset %', NEW.id, NEW.asset
          USING ERRCODE = 'check_violation';
      END IF;
      FOREACH target IN ARRAY CASE WHEN source_last THEN ARRAY[NEW.destination_id, NEW.source_id]
                                   ELSE ARRAY[NEW.source_id, NEW.destination_id] END LOOP
        UPDATE {schema}.ledger_account SET
            held_out = held_out + CASE WHEN id = NEW.source_id THEN NEW.amount ELSE 0 END,
            held_in = held_in + CASE WHEN id = NEW.destination_id THEN NEW.amount ELSE 0 END
          WHERE id = target;
      END LOOP;
      RETURN NULL;
    END""",
    "ledger_release_hold": """
    DECLARE
      held record;
      target bigint;
    BEGIN
      SELECT h.source_id, h.destination_id, h.amount, (s.hot, s.id) > (d.hot, d.id) AS source_last INTO STRICT held
        FROM {schema}.ledger_hold h
        JOIN {schema}.ledger_account s ON s.id = h.source_id
        JOIN {schema}.ledger_account d ON d.id = h.destination_id
        WHERE h.id = NEW.hold_id;
      FOREACH target IN ARRAY CASE WHEN held.source_last THEN ARRAY[held.destination_id, held.source_id]
                                   ELSE ARRAY[held.source_id, held.destination_id] END LOOP
        UPDATE {schema}.ledger_account SET
            held_out = held_out - CASE WHEN id = held.source_id THEN held.amount ELSE 0 END,
            held_in = held_in - CASE WHEN id = held.destination_id THEN held.amount ELSE 0 END
          WHERE id = target;
      END LOOP;
      RETURN NULL;
    END""",
    "ledger_check_resolution": """
    DECLARE
      matching integer;
    BEGIN
      SELECT count(*) INTO matching
        FROM {schema}.ledger_entry e
        JOIN {schema}.ledger_hold h ON h.id = e.hold_id
        JOIN {schema}.ledger_posting s ON s.entry_id = e.id AND s.account_id = h.source_id AND s.amount = -h.amount
        JOIN {schema}.ledger_posting d ON d.entry_id = e.id AND d.account_id = h.destination_id AND d.amount = h.amount
        WHERE e.hold_id = NEW.hold_id
          AND (SELECT count(*) FROM {schema}.ledger_posting p WHERE p.entry_id = e.id) = 2;
      IF matching <> (NEW.outcome = 'posted')::integer THEN
        RAISE EXCEPTION 'resolution of hold % does not match its entry', NEW.hold_id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END""",
    "ledger_refuse_change": """
    BEGIN
      RAISE EXCEPTION '% of % is refused: the book is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
    END""",
}

_TRIGGERS = """
CREATE TRIGGER ledger_account_open BEFORE INSERT ON {schema}.ledger_account
  FOR EACH ROW EXECUTE FUNCTION {schema}.ledger_open_account();
CREATE TRIGGER ledger_account_guard BEFORE UPDATE OR DELETE ON {schema}.ledger_account
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION {schema}.ledger_refuse_change();
CREATE TRIGGER ledger_account_truncate BEFORE TRUNCATE ON {schema}.ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION {schema}.ledger_refuse_change();
CREATE TRIGGER ledger_entry_stamp BEFORE INSERT ON {schema}.ledger_entry
  FOR EACH ROW EXECUTE FUNCTION {schema}.ledger_stamp_entry();
CREATE CONSTRAINT TRIGGER ledger_entry_check AFTER INSERT ON {schema}.ledger_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION {schema}.ledger_check_entry();
CREATE TRIGGER ledger_posting_move AFTER INSERT ON {schema}.ledger_posting
  FOR EACH ROW EXECUTE FUNCTION {schema}.ledger_move_balance();
CREATE TRIGGER ledger_posting_check AFTER INSERT ON {schema}.ledger_posting REFERENCING NEW TABLE AS new_leg
  FOR EACH STATEMENT EXECUTE FUNCTION {schema}.ledger_check_leg();
CREATE TRIGGER ledger_hold_move AFTER INSERT ON {schema}.ledger_hold
  FOR EACH ROW EXECUTE FUNCTION {schema}.ledger_move_hold();
CREATE TRIGGER ledger_resolution_release AFTER INSERT ON {schema}.ledger_holdresolution
  FOR EACH ROW EXECUTE FUNCTION {schema}.ledger_release_hold();
CREATE CONSTRAINT TRIGGER ledger_resolution_check AFTER INSERT ON {schema}.ledger_holdresolution
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema}.ledger_check_resolution();
"""

_APPEND_ONLY = """
CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {schema}.{table}
  FOR EACH ROW EXECUTE FUNCTION {schema}.ledger_refuse_change();
CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {schema}.{table}
  FOR EACH STATEMENT EXECUTE FUNCTION {schema}.ledger_refuse_change();
"""

_GUARDED = (
    "ledger_entry",
    "ledger_posting",
    "ledger_hold",
    "ledger_holdresolution",
    "ledger_seal",
    "ledger_sealedentry",
)


def install(_apps, schema_editor):
    """Create the guards in the schema that is being migrated."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = cursor.fetchone()[0]
    parts = [_FUNCTION % item for item in _BODIES.items()]
    parts.append(_TRIGGERS)
    text = "".join(parts).replace("{schema}", schema)
    text += "".join(_APPEND_ONLY.format(table=table, schema=schema) for table in _GUARDED)
    schema_editor.execute(text, params=None)


def remove(_apps, schema_editor):
    """Drop the guards; the tables go after them."""
    for name in _BODIES:
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE", params=None)
