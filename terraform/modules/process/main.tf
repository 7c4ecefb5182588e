# One kind of process as a service of containers: its command, its role by variables, its secrets by reference.

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}"
  retention_in_days = 365
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = var.roles.execution
  task_role_arn            = var.roles.task

  runtime_platform {
    cpu_architecture        = "ARM64"
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([{
    name            = "main"
    image           = var.image
    command         = var.command
    essential       = true
    stopTimeout     = 30 # tasks under way are finished
    environment     = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    secrets         = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
    portMappings    = var.target_group_arn == null ? [] : [{ containerPort = 8000, protocol = "tcp" }]
    linuxParameters = { initProcessEnabled = true }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = data.aws_region.current.region
        awslogs-stream-prefix = "main"
      }
    }
  }])
}

resource "aws_ecs_service" "this" {
  name                               = var.name
  cluster                            = var.cluster_arn
  task_definition                    = aws_ecs_task_definition.this.arn
  desired_count                      = var.processes
  launch_type                        = "FARGATE"
  deployment_minimum_healthy_percent = var.is_single ? 0 : 100
  deployment_maximum_percent         = var.is_single ? 100 : 200
  enable_execute_command             = false
  propagate_tags                     = "SERVICE"

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = false
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "load_balancer" {
    for_each = var.target_group_arn == null ? [] : [var.target_group_arn]
    content {
      target_group_arn = load_balancer.value
      container_name   = "main"
      container_port   = 8000
    }
  }
}

data "aws_region" "current" {}
