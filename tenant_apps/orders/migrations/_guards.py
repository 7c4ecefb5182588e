"""Guards of orders' money: what migration 0001 adds to the tables. Every name carries the schema it lives in.

At commit the lines of a new order add up to it, and the orders of a purchase to what its one payment comes to, as the
rows then are. No line
of a function's body may start at the margin: the template replay drops lines that look like settings of the dump.
"""

_GUARDS = """
CREATE FUNCTION {schema}.orders_check_sums() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO '' AS $guard$
    DECLARE
      held record;
      goods bigint;
      freight bigint;
      together bigint;
    BEGIN
      SELECT * INTO held FROM {schema}.orders_order WHERE id = NEW.id;
      IF NOT FOUND THEN
        RETURN NULL;
      END IF;
      SELECT coalesce(sum(cash_amount), 0), coalesce(sum(freight_amount), 0) INTO goods, freight
        FROM {schema}.orders_orderline WHERE order_id = held.id;
      IF goods <> held.goods_amount OR freight <> held.freight_amount THEN
        RAISE EXCEPTION 'lines of order % add up to % and %', held.number, goods, freight USING ERRCODE = 'check_violation';
      END IF;
      IF held.purchase <> '' THEN
        SELECT sum(total_amount - card_amount) INTO together FROM {schema}.orders_order WHERE purchase = held.purchase AND purchase <> '';
        IF together <> held.purchase_amount THEN
          RAISE EXCEPTION 'orders of purchase % add up to %', held.purchase, together USING ERRCODE = 'check_violation';
        END IF;
      END IF;
      RETURN NULL;
    END
$guard$;
CREATE CONSTRAINT TRIGGER orders_order_sums AFTER INSERT OR UPDATE OF goods_amount, freight_amount, purchase, purchase_amount
  ON {schema}.orders_order DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema}.orders_check_sums();
"""


def install(_apps, schema_editor):
    """Create the guards in the schema that is being migrated."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = cursor.fetchone()[0]
    schema_editor.execute(_GUARDS.replace("{schema}", schema), params=None)


def remove(_apps, schema_editor):
    """Drop the guards; the tables go after them."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = cursor.fetchone()[0]
    schema_editor.execute(f"DROP FUNCTION IF EXISTS {schema}.orders_check_sums() CASCADE", params=None)
