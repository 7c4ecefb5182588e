output "kms_key_arn" {
  description = "Key of everything at rest."
  value       = aws_kms_key.this.arn
}

output "bucket_names" {
  description = "Buckets by use."
  value       = { for use, bucket in aws_s3_bucket.this : use => bucket.id }
}

output "bucket_arns" {
  description = "Buckets by use, for policies."
  value       = { for use, bucket in aws_s3_bucket.this : use => bucket.arn }
}
