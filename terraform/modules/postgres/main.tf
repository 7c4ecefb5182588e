# A PostgreSQL server with the parameters that many schemas need, and empty secrets for the URLs of its roles. No
# password passes through Terraform: AWS keeps the master's, people or a script fill the others.

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name   = var.name
  family = "postgres18"

  dynamic "parameter" {
    for_each = local.parameters
    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = "pending-reboot"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = "18"
  instance_class = var.size.database
  db_name        = var.database
  username       = "mallwright_admin"

  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.kms_key_arn

  storage_type          = "gp3"
  allocated_storage     = var.size.storage_gb
  max_allocated_storage = var.size.storage_gb * 4
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  parameter_group_name   = aws_db_parameter_group.this.name
  vpc_security_group_ids = [var.security_group_id]
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  multi_az                  = var.is_production
  backup_retention_period   = var.is_production ? 35 : 7
  copy_tags_to_snapshot     = true
  deletion_protection       = var.is_production
  skip_final_snapshot       = !var.is_production
  final_snapshot_identifier = "${var.name}-final"

  auto_minor_version_upgrade      = true
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.kms_key_arn
  enabled_cloudwatch_logs_exports = ["postgresql"]

  lifecycle {
    ignore_changes = [allocated_storage] # it grows by itself
  }
}

resource "aws_secretsmanager_secret" "url" {
  for_each                = local.urls
  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.is_production ? 30 : 7
}

locals {
  parameters = {
    "rds.force_ssl"                       = "1"
    "rds.logical_replication"             = "1"    # a mall may move by logical replication
    "max_locks_per_transaction"           = "2048" # a dump or a migration touches hundreds of tables a mall
    "autovacuum_max_workers"              = "6"
    "autovacuum_naptime"                  = "15"
    "log_lock_waits"                      = "1"
    "idle_in_transaction_session_timeout" = "60000"
  }
  urls = {
    "app-url"   = "postgresql:// of mallwright_app, which owns nothing"
    "owner-url" = "postgresql:// of mallwright_owner: migrations and provisioning only"
  }
}
