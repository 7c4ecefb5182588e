# The web processes of control or of one cell, as many as their CPU asks for.

module "process" {
  source = "../process"

  name              = "${var.service.name}-web"
  processes         = var.processes
  cpu               = var.service.size.cpu
  memory            = var.service.size.memory
  image             = var.service.image
  environment       = merge(var.service.environment, { ROLE = var.role })
  secrets           = var.secrets
  roles             = var.service.roles
  cluster_arn       = var.service.cluster_arn
  subnet_ids        = var.service.subnet_ids
  security_group_id = var.service.security_group_id
  target_group_arn  = var.target_group_arn
  command = [
    "python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws",
    "--workers", tostring(max(1, floor(var.service.size.cpu / 512))), "--blocking-threads", "4",
    "--respawn-failed-workers", "--workers-kill-timeout", "10", "saas.config.wsgi:application",
  ]
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  resource_id        = "service/${var.service.cluster_name}/${module.process.service_name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.processes
  max_capacity       = var.processes * 4
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 55
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
