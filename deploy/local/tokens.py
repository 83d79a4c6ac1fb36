"""The local stack is its own issuer: keys made on this machine, and the demo tokens signed with them."""

import json
import secrets
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

_DAYS = 30
# name in .local/env: roles; each speaks for the district's centre, which covers every unit below it
_DEMO = {
    "CASEGRID_OPERATOR_TOKEN": ["operator", "dispatcher"],
    "CASEGRID_UNIT_TOKEN": ["unit_lead", "handler", "grid_worker", "agency"],
    "CASEGRID_SUPERVISOR_TOKEN": ["supervisor", "shift_leader", "checker", "visitor", "assessor"],
    "CASEGRID_ADMIN_TOKEN": ["admin"],
}


def make_keys(folder: Path) -> Path:
    """The issuer's public keys, as services read them; made once."""
    public = folder / "jwks.json"
    if not public.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        described = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
        _write_private(folder / "private.pem", key)
        public.write_text(json.dumps({"keys": [described | {"kid": "local", "use": "sig", "alg": "ES256"}]}))
    return public


def reporter_secret(folder: Path) -> str:
    """The key of the references that stand for reporters; made once, or who asks again would be somebody new."""
    kept = folder / "reporter_secret"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(32))
    return kept.read_text()


def demo_tokens(folder: Path, unit: str) -> dict[str, str]:
    return {name: issue(folder, roles, unit=unit, sub=f"demo-{roles[0]}") for name, roles in _DEMO.items()}


def issue(folder: Path, roles: list[str], *, unit: str | None, sub: str) -> str:
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": "casegrid-local",
        "aud": "casegrid",
        "sub": sub,
        "roles": roles,
        "unit": unit,
        "name": sub,
    }
    claims |= {"iat": now, "exp": now + _DAYS * 86_400}
    return jwt.encode(
        claims, (folder / "private.pem").read_bytes(), algorithm="ES256", headers={"kid": "local"}
    )


def _write_private(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.touch(mode=0o600)
    path.write_bytes(pem)
