output "vpc_id" {
  description = "The network."
  value       = aws_vpc.this.id
}

output "subnets" {
  description = "Ids of the subnets by use."
  value = {
    public = [for zone in var.zones : aws_subnet.public[zone].id]
    app    = [for zone in var.zones : aws_subnet.app[zone].id]
    data   = [for zone in var.zones : aws_subnet.data[zone].id]
  }
}

output "security_groups" {
  description = "Ids of the security groups by use."
  value       = { edge = aws_security_group.edge.id, app = aws_security_group.app.id, data = aws_security_group.data.id }
}
