output "target_group_arn" {
  description = "Where the web processes register."
  value       = aws_lb_target_group.web.arn
}

output "listener_arn" {
  description = "The listener that takes certificates of vendors' own domains."
  value       = aws_lb_listener.https.arn
}

output "dns_name" {
  description = "The balancer's own name: what a vendor's domain points to."
  value       = aws_lb.this.dns_name
}
