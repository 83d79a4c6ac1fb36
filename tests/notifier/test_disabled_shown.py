"""A target that answers 410 ends its subscription: its owner is shown since when and why."""

from tests.notifier.page_visits import created, give, tags, visiting
from tests.waiting import until


async def test_why_it_is_disabled_is_shown_until_it_is_active_again(client, agency, token, receiver):
    receiver.plan = [410]
    async with visiting(client, token("agency", unit="LIGHTS", sub="p-lights")) as lights:
        path, _ = await created(lights, url=receiver.url)
        await give(lights, path, "test")

        async def disabled():
            return tags((await lights.get(path)).text)[0] == "Disabled"

        await until(disabled)
        await client.patch(f"/v1{path}", json={"name": "renamed"}, headers=agency)
        state = (await client.get(f"/v1{path}", headers=agency)).json()["target_state"]
        assert (state["last_error"], state["failing_since"] is not None) == ("status 410", True)
        page = (await lights.get(path)).text
        for said in ("The target answered 410", "Failing since", "status 410", "/commands/resume"):
            assert said in page, said
        await give(lights, path, "resume")
        page = (await lights.get(path)).text
        assert (tags(page)[0], "The target answered 410" in page, "Last error" in page) == (
            "Active",
            False,
            False,
        )
