output "address" {
  description = "Host of the server."
  value       = aws_db_instance.this.address
}

output "master_secret_arn" {
  description = "Secret with the master's password, kept by AWS; used once, to make the two roles."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "url_secret_arns" {
  description = "Secrets of the URLs by kind: app-url, owner-url. Filled after the roles are made."
  value       = { for kind, secret in aws_secretsmanager_secret.url : kind => secret.arn }
}
