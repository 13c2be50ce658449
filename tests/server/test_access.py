"""From tokens to viewers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from domain.errors import DomainError
from domain.viewer import Role, Viewer
from server.access import CACHE_SECONDS, Access
from server.jwts import RETRY_SECONDS, JwtVerifier, KeySet
from store.access import create_api_key, digest, prefix_of
from store.database import Database
from tests.seeding import Seed

SECRET = "a secret of at least thirty-two bytes"
NOW = datetime.now(UTC).replace(microsecond=0)
URL = "https://id.example/keys"


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


class Counting(Database):
    """A database that counts how often it is asked."""

    def __init__(self, database: Database) -> None:
        self.__dict__.update(database.__dict__)
        self.count = 0

    def connection(self) -> Any:
        self.count += 1
        return super().connection()


def by_secret(database: Database, audience: str = "engagement") -> Access:
    return Access(database, JwtVerifier(secret=SECRET, audience=audience))


def token(key: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    given = {
        "role": "manager",
        "aud": "engagement",
        "exp": NOW + timedelta(hours=1),
    } | claims
    return jwt.encode(
        {name: value for name, value in given.items() if value is not None},
        key,
        algorithm=algorithm,
        headers={"kid": "k1"},
    )


async def refusal(access: Access, bearer: str | None) -> str:
    with pytest.raises(DomainError) as refused:
        await access.authenticate(bearer)
    assert refused.value.code == "UNAUTHENTICATED"
    return refused.value.message


async def test_a_key_stands_for_its_role_and_csm(database: Database) -> None:
    async with database.transaction() as connection:
        ann = await Seed(connection).csm("Ann")
    bearer = await create_api_key(
        database, role=Role.CSM, name="laptop", csm_email="ANN@us.example"
    )

    viewer = await Access(database).authenticate(bearer)

    assert viewer == Viewer(Role.CSM, "laptop", ann, None, 1)


async def test_a_csms_key_needs_a_csm_that_is_there(database: Database) -> None:
    for email, code in ((None, "INVALID_CSM"), ("nobody@us.example", "UNKNOWN_CSM")):
        with pytest.raises(DomainError) as refused:
            await create_api_key(database, role=Role.CSM, name="x", csm_email=email)
        assert refused.value.code == code


async def test_a_wrong_secret_behind_a_right_prefix_is_refused(database: Database) -> None:
    bearer = await create_api_key(database, role=Role.ADMIN, name="x")
    access = Access(database)

    wrong = bearer[:-1] + ("A" if bearer[-1] != "A" else "B")

    unknown = "the API key is not known here: check that it was copied whole"
    assert await refusal(access, wrong) == unknown
    assert await refusal(access, "ce_0123456789ab_whatever") == unknown


async def test_tokens_in_a_row_cost_one_statement(database: Database) -> None:
    bearer = await create_api_key(database, role=Role.ADMIN, name="x")
    counting = Counting(database)
    access = Access(counting)

    for _ in range(5):
        await access.authenticate(bearer)

    assert counting.count == 1


async def test_a_revoked_key_is_refused_within_five_seconds(database: Database) -> None:
    clock = Clock()
    access = Access(database, monotonic=clock)
    bearer = await create_api_key(database, role=Role.ADMIN, name="x")
    viewer = await access.authenticate(bearer)
    assert await access.still_valid(viewer)
    async with database.transaction() as connection:
        await connection.execute("UPDATE api_key SET revoked_at = now()")

    assert CACHE_SECONDS <= 5
    clock.seconds += CACHE_SECONDS
    message = await refusal(access, bearer)

    assert message == f"the API key {prefix_of(bearer)}… was revoked: ask an admin for a new one"
    assert not await access.still_valid(viewer)


async def test_an_expired_key_is_refused_even_while_it_is_remembered(database: Database) -> None:
    times = [NOW]
    access = Access(database, now=lambda: times[0])
    bearer = await create_api_key(
        database, role=Role.ADMIN, name="x", expires_at=NOW + timedelta(seconds=1)
    )
    viewer = await access.authenticate(bearer)
    times[0] += timedelta(seconds=1)

    assert (await refusal(access, bearer)).startswith("the token ended at ")
    assert not await access.still_valid(viewer)


async def test_nothing_of_a_token_is_kept_but_its_hash(database: Database) -> None:
    bearer = await create_api_key(database, role=Role.ADMIN, name="x")
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT prefix, digest FROM api_key")

    assert tuple(row) == (prefix_of(bearer), digest(bearer))


@pytest.mark.parametrize(
    "bearer",
    ["", None, "x", "ce_", "ce_x_y", "a.b.c", "\ud800", "x" * 9_000, "ce_" + "é" * 12 + "_y"],
)
async def test_what_is_no_token_is_refused(database: Database, bearer: str | None) -> None:
    await refusal(Access(database), bearer)
    await refusal(by_secret(database), bearer)


async def test_a_jwt_stands_for_its_role(database: Database) -> None:
    viewer = await by_secret(database).authenticate(token(name="Mia"))

    assert (viewer.role, viewer.name, viewer.csm_id) == (Role.MANAGER, "Mia", None)


@pytest.mark.parametrize("claim", ["csm", "email"])
async def test_a_csms_jwt_names_them_by_address(database: Database, claim: str) -> None:
    async with database.transaction() as connection:
        ann = await Seed(connection).csm("Ann")

    viewer = await by_secret(database).authenticate(token(role="CSM", **{claim: "ann@us.example"}))

    assert (viewer.role, viewer.csm_id, viewer.name) == (Role.CSM, ann, "ann@us.example")


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"exp": None}, "the token lacks `exp`, or `aud`, which is asked for here"),
        ({"exp": NOW - timedelta(minutes=1)}, "the token has expired: get a new one"),
        ({"aud": None}, "the token lacks `exp`, or `aud`, which is asked for here"),
        ({"aud": "other"}, "the token is made for another audience than this service"),
        ({"nbf": NOW + timedelta(hours=1)}, "the token is not valid yet: check the signer's clock"),
        ({"role": "root"}, "the token's claim `role` is none of CSM, MANAGER, ADMIN, INTEGRATION"),
        ({"role": None}, "the token's claim `role` is none of CSM, MANAGER, ADMIN, INTEGRATION"),
        ({"role": ["ADMIN"]},
         "the token's claim `role` is none of CSM, MANAGER, ADMIN, INTEGRATION"),
        ({"role": "CSM"},
         "the token's role is CSM, but no claim `csm` or `email` says which one"),
        ({"role": "CSM", "csm": "eve@us.example"},
         "no CSM here has the address “eve@us.example” that the token names"),
        ({"exp": 10**30}, "the token's claim `exp` is no time that a calendar holds"),
    ],
)  # fmt: skip
async def test_a_jwt_that_cannot_be_believed_is_refused_with_the_reason(
    database: Database, claims: dict[str, Any], message: str
) -> None:
    assert await refusal(by_secret(database), token(**claims)) == message


async def test_a_jwt_signed_otherwise_is_refused(database: Database) -> None:
    access = by_secret(database)

    assert await refusal(access, token("another secret of thirty-two bytes!")) == (
        "the token's signature is wrong"
    )
    assert await refusal(access, token(key=None, algorithm="none")) == (
        "the token is signed with an algorithm that is not accepted"
    )


@pytest.fixture(scope="module")
def signer() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published(*keys: tuple[str, Any]) -> dict[str, Any]:
    """A key set as a provider publishes it."""
    found = []
    for kid, key in keys:
        algorithm: Any = (
            jwt.algorithms.RSAAlgorithm
            if isinstance(key, rsa.RSAPrivateKey)
            else jwt.algorithms.ECAlgorithm
        )
        found.append(algorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid})
    return {"keys": found}


class Provider:
    """An identity provider whose keys change; counts how often it is asked."""

    def __init__(self, keys: Any) -> None:
        self.keys = keys
        self.count = 0

    async def __call__(self, url: str) -> Any:
        assert url == URL
        self.count += 1
        if isinstance(self.keys, Exception):
            raise self.keys
        return self.keys


def by_key_set(database: Database, provider: Provider, clock: Clock) -> Access:
    key_set = KeySet(URL, provider, clock)
    verifier = JwtVerifier(key_set=key_set, audience="engagement")
    return Access(database, verifier, monotonic=clock)


async def test_a_key_set_is_fetched_once_and_again_for_a_key_it_lacks(
    database: Database, signer: rsa.RSAPrivateKey
) -> None:
    clock, elliptic = Clock(), ec.generate_private_key(ec.SECP256R1())
    provider = Provider(published(("k1", signer)))
    access = by_key_set(database, provider, clock)
    for name in ("a", "b"):
        assert (await access.authenticate(token(signer, "RS256", name=name))).name == name
    assert provider.count == 1

    provider.keys = published(("k1", elliptic))
    rotated = token(elliptic, "ES256")
    clock.seconds += 601
    await access.authenticate(token(signer, "RS256", name="c"))
    clock.seconds += RETRY_SECONDS
    await access._jwts._key_set._refresh  # type: ignore[union-attr, misc]

    assert (await access.authenticate(rotated)).role is Role.MANAGER
    assert provider.count == 2


async def test_unknown_keys_do_not_hammer_the_provider(
    database: Database, signer: rsa.RSAPrivateKey
) -> None:
    provider = Provider({"keys": []})
    access = by_key_set(database, provider, Clock())

    for name in ("a", "b", "c"):
        message = await refusal(access, token(signer, "RS256", name=name))
        assert message == (
            "the token is signed with a key that the identity provider does not publish"
        )

    assert provider.count == 1


async def test_a_secret_is_never_taken_where_a_key_set_is_expected(
    database: Database, signer: rsa.RSAPrivateKey
) -> None:
    access = by_key_set(database, Provider(published(("k1", signer))), Clock())

    await refusal(access, token(SECRET, "HS256"))


@pytest.mark.parametrize("answer", [ValueError("no JSON"), [], {"keys": 7}, {}, None])
async def test_a_provider_that_answers_nonsense_refuses_nobody_else(
    database: Database, answer: Any, signer: rsa.RSAPrivateKey
) -> None:
    access = by_key_set(database, Provider(answer), Clock())

    await refusal(access, token(signer, "RS256"))
    bearer = await create_api_key(database, role=Role.ADMIN, name="x")
    assert (await access.authenticate(bearer)).role is Role.ADMIN
