"""AWS as an installation finds it, in moto: a balancer a cell, the platform's zone."""

import functools

import boto3

client = functools.cache(boto3.client)  # dear to make


def make_cloud(settings):
    """Two cells' balancers and the zone; the settings name them. Edges by cell."""
    client.cache_clear()
    elb, ec2 = client("elbv2"), client("ec2")
    network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = [ec2.create_subnet(VpcId=network, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in (1, 2)]
    own = client("acm").request_certificate(DomainName="localhost")["CertificateArn"]
    edges = {}
    for cell in ("c1", "c2"):
        balancer = elb.create_load_balancer(Name=cell, Subnets=zones)["LoadBalancers"][0]
        listener = elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTPS",
            Port=443,
            Certificates=[{"CertificateArn": own}],
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        )["Listeners"][0]["ListenerArn"]
        edges[cell] = {
            "listener": listener,
            "name": balancer["DNSName"],
            "zone": balancer["CanonicalHostedZoneId"],
            "addresses": ["8.8.4.4"],
        }
    zone = client("route53").create_hosted_zone(Name="localhost", CallerReference="1")["HostedZone"]["Id"]
    settings.ROUTE53_ZONE_ID = zone.rpartition("/")[2]
    settings.DOMAIN_EDGE, settings.DOMAIN_EDGES = "aws", edges
    return edges


def certificates():
    """Those of vendors' domains."""
    found = client("acm").list_certificates()["CertificateSummaryList"]
    return [one["CertificateArn"] for one in found if one["DomainName"] != "localhost"]


def shown(edge):
    """What a balancer shows besides its own."""
    found = client("elbv2").describe_listener_certificates(ListenerArn=edge["listener"])["Certificates"]
    return {one["CertificateArn"] for one in found if not one.get("IsDefault")}


def issue(arn):
    """What AWS does when it has seen the validation record."""
    from moto.acm.models import acm_backends

    for account in acm_backends.values():
        for backend in account.values():
            if arn in backend._certificates:
                backend._certificates[arn].status = "ISSUED"
