"""What the database itself refuses: changes of append-only rows, and of a finalized invoice's number, amount and owner."""

_TABLES = (
    "planversion",
    "subscriptionevent",
    "billingentry",
    "creditnote",
    "invoicepayment",
    "dunningaction",
)

INSTALL = """
CREATE FUNCTION billing_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION billing_guard_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an invoice is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.document <> 'draft' AND (NEW.document = 'draft' OR (OLD.document = 'void' AND NEW.document <> 'void')
        OR (NEW.number, NEW.vendor_id, NEW.subscription_id, NEW.reason, NEW.period_start, NEW.period_end,
            NEW.total_amount, NEW.finalized_at)
        IS DISTINCT FROM (OLD.number, OLD.vendor_id, OLD.subscription_id, OLD.reason, OLD.period_start,
            OLD.period_end, OLD.total_amount, OLD.finalized_at)) THEN
        RAISE EXCEPTION 'invoice % is final', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.payment = 'paid' AND NEW.payment <> 'paid' THEN
        RAISE EXCEPTION 'invoice % is paid', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.document = 'void' AND OLD.payment <> NEW.payment THEN
        RAISE EXCEPTION 'invoice % is void', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_invoice_guard BEFORE UPDATE OR DELETE ON billing_invoice
    FOR EACH ROW EXECUTE FUNCTION billing_guard_invoice();
CREATE TRIGGER billing_invoice_truncate BEFORE TRUNCATE ON billing_invoice
    FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
""" + "".join(
    f"""
CREATE TRIGGER billing_{table}_rows BEFORE UPDATE OR DELETE ON billing_{table}
    FOR EACH ROW EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_{table}_truncate BEFORE TRUNCATE ON billing_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
"""
    for table in _TABLES
)
INSTALL += """
CREATE FUNCTION billing_guard_collection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a collection is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'paid' AND (NEW.state, NEW.amount, NEW.transaction_id, NEW.invoice_id, NEW.paid_at)
        IS DISTINCT FROM (OLD.state, OLD.amount, OLD.transaction_id, OLD.invoice_id, OLD.paid_at) THEN
        RAISE EXCEPTION 'collection % is paid', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_collection_guard BEFORE UPDATE OR DELETE ON billing_collection
    FOR EACH ROW EXECUTE FUNCTION billing_guard_collection();
"""
REMOVE = "DROP FUNCTION billing_refuse() CASCADE; DROP FUNCTION billing_guard_invoice() CASCADE;"
REMOVE += " DROP FUNCTION billing_guard_collection() CASCADE"
