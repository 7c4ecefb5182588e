# Who may do what: the execution role starts containers, control's processes also keep DNS and certificates of vendors'
# domains, a cell's processes only its files and keys.

resource "aws_iam_role" "this" {
  for_each           = toset(["execution", "control", "cell"])
  name               = "${module.layout.prefix}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.this["execution"].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "execution" {
  name   = "secrets"
  role   = aws_iam_role.this["execution"].id
  policy = data.aws_iam_policy_document.secrets.json
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["arn:aws:secretsmanager:*:*:secret:${module.layout.prefix}*"]
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [module.storage.kms_key_arn]
  }
}

resource "aws_iam_role_policy" "files" {
  for_each = toset(["control", "cell"])
  name     = "files"
  role     = aws_iam_role.this[each.key].id
  policy   = data.aws_iam_policy_document.files.json
}

data "aws_iam_policy_document" "files" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    resources = [for arn in values(module.storage.bucket_arns) : "${arn}/*"]
  }
  statement {
    actions   = ["s3:ListBucket"]
    resources = values(module.storage.bucket_arns)
  }
  statement {
    actions   = ["kms:GenerateDataKey", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    resources = [module.storage.kms_key_arn]
  }
}

resource "aws_iam_role_policy" "domains" {
  name   = "domains"
  role   = aws_iam_role.this["control"].id
  policy = data.aws_iam_policy_document.domains.json
}

data "aws_iam_policy_document" "domains" {
  statement {
    actions   = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]
    resources = ["arn:aws:route53:::hostedzone/${data.aws_route53_zone.this.zone_id}"]
  }
  statement {
    actions   = ["acm:RequestCertificate", "acm:DescribeCertificate", "acm:DeleteCertificate", "acm:AddTagsToCertificate", "acm:ListCertificates", "acm:ListTagsForCertificate"]
    resources = ["*"] # a certificate has no name before it exists
  }
  statement {
    actions   = ["elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:RemoveListenerCertificates"]
    resources = [for cell in values(module.cell) : cell.edge.listener_arn]
  }
}
