"""Everything that somebody does on a page can be done by the API, or it is said here why not.

`TABLE` is read by people: a line for each address of a page that takes a form, then what the API has for it,
or after a dash the name of a reason. A new form without a line fails here.
"""

from tests.heldout.permissions.matrix import API, operations, pages_with_forms

REASONS = {
    "sign-in": "By it one becomes somebody. A program brings a token, or asks for one by a code.",
    "account": "An account is its person's: a token that has leaked must not change, delete or prolong it.",
    "link": "For people without an account, by a public page or by a link that was mailed to them.",
    "door": "People at a door scan a code or find a name; there is nothing for a program to do.",
    "words": "What is asked of applicants, and how people are written to, is set up beside what they see.",
    "begin": "An event is begun by a person, who then has its pages.",
    "proposal": "An organizer looks at proposed teams, and makes the very ones that were looked at.",
    "shows": "It only shows something; a form that is sent there does nothing.",
}
TABLE = """
^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$      - sign-in
account/                                                                 - account
account/delete/                                                          - account
account/tokens/                                                          - account
account/tokens/<int:token>/revoke/                                       - account
accounts/confirm-email/<str:key>/                                        - sign-in
accounts/login/                                                          - sign-in
accounts/login/code/                                                     - sign-in
accounts/login/code/confirm/                                             - sign-in
accounts/logout/                                                         - sign-in
accounts/password/change/                                                - account
accounts/password/reset/                                                 - sign-in
accounts/password/set/                                                   - account
accounts/signup/                                                         - sign-in
applications/<str:token>/                                                - link
apply/<slug:event>/                                                      - link
device/                                                                  - sign-in
events/<slug:event>/agenda/<int:session>/                                PATCH agenda/<session>
events/<slug:event>/agenda/<int:session>/remove/                         DELETE agenda/<session>
events/<slug:event>/agenda/new/                                          POST agenda
events/<slug:event>/applications/<int:application>/                      PATCH applications/<application>
events/<slug:event>/applications/decide/                                 POST applications/decide
events/<slug:event>/applications/form/                                   - words
events/<slug:event>/applications/questions/<int:question>/               - words
events/<slug:event>/applications/questions/<int:question>/remove/        - words
events/<slug:event>/applications/questions/new/                          - words
events/<slug:event>/approaches/<int:approach>/accept/                    POST approaches/<approach>/<answer>
events/<slug:event>/approaches/<int:approach>/decline/                   POST approaches/<approach>/<answer>
events/<slug:event>/attendance/<int:session>/<int:registration>/check-in/  - door
events/<slug:event>/attendance/<int:session>/<int:registration>/undo/    - door
events/<slug:event>/board/freeze/                                        POST board/freeze
events/<slug:event>/board/publish/                                       POST board/publish
events/<slug:event>/board/rules/                                         PATCH board/rules
events/<slug:event>/board/take-back/                                     POST board/take-back
events/<slug:event>/board/unfreeze/                                      POST board/unfreeze
events/<slug:event>/bundles/                                             POST bundles
events/<slug:event>/bundles/<int:uploaded>/publish/                      POST bundles/<int:bundle>/publish
events/<slug:event>/bundles/<int:uploaded>/test/                         POST bundles/<int:bundle>/test
events/<slug:event>/challenges/                                          POST challenges
events/<slug:event>/challenges/<slug:challenge>/close/                   POST challenges/<slug:challenge>/close
events/<slug:event>/challenges/<slug:challenge>/gates/                   POST challenges/<slug:challenge>/gates
events/<slug:event>/challenges/<slug:challenge>/gates/<int:gate>/remove/  DELETE challenges/<slug:challenge>/gates/<gate>
events/<slug:event>/challenges/<slug:challenge>/gates/team/              POST challenges/<slug:challenge>/openings
events/<slug:event>/challenges/<slug:challenge>/help/                    POST challenges/<slug:challenge>/help
events/<slug:event>/challenges/<slug:challenge>/open/                    POST challenges/<slug:challenge>/open
events/<slug:event>/challenges/<slug:challenge>/prepare/                 POST challenges/<slug:challenge>/prepare
events/<slug:event>/challenges/<slug:challenge>/submissions/             POST challenges/<slug:challenge>/submissions
events/<slug:event>/check-in/<str:code>/                                 - door
events/<slug:event>/coach/<int:team>/<slug:challenge>/hints/             POST teams/<team>/challenges/<slug:challenge>/hints
events/<slug:event>/coach/<int:team>/<slug:challenge>/sign-off/          POST teams/<team>/challenges/<slug:challenge>/sign-off
events/<slug:event>/coach/<int:team>/<slug:challenge>/withdraw/          POST teams/<team>/challenges/<slug:challenge>/sign-off/withdraw
events/<slug:event>/control/disqualifications/<int:disqualification>/undo/  DELETE disqualifications/<disqualification>
events/<slug:event>/control/extensions/<int:extension>/take-back/        DELETE extensions/<extension>
events/<slug:event>/control/grants/<int:grant>/take-back/                DELETE grants/<grant>
events/<slug:event>/control/interventions/                               POST pauses, POST challenges/<slug:challenge>/grants, POST challenges/<slug:challenge>/extensions, POST teams/<team>/disqualify
events/<slug:event>/control/pauses/<int:pause>/resume/                   DELETE pauses/<pause>
events/<slug:event>/control/rescorings/                                  POST challenges/<slug:challenge>/rescorings
events/<slug:event>/control/rescorings/<int:rescoring>/<slug:step>/      POST rescorings/<rescoring>/<step>
events/<slug:event>/help/<int:call>/claim/                               POST help/<call>/claim
events/<slug:event>/help/<int:call>/close/                               POST help/<call>/close
events/<slug:event>/invitations/                                         POST invitations
events/<slug:event>/invitations/<int:invitation>/resend/                 POST invitations/<invitation>/resend
events/<slug:event>/invitations/<int:invitation>/revoke/                 POST invitations/<invitation>/revoke
events/<slug:event>/invitations/roster/                                  POST invitations/roster
events/<slug:event>/mails/<slug:kind>/                                   - words
events/<slug:event>/mails/<slug:kind>/reset/                             - words
events/<slug:event>/notices/                                             POST announcements
events/<slug:event>/notices/<int:announcement>/                          PATCH announcements/<announcement>
events/<slug:event>/notices/<int:announcement>/withdraw/                 DELETE announcements/<announcement>
events/<slug:event>/people/<int:person>/invite/                          POST people/<person>/invite
events/<slug:event>/questions/                                           POST questions
events/<slug:event>/questions/<int:question>/answer/                     POST questions/<question>/answer
events/<slug:event>/questions/<int:question>/public/                     PATCH questions/<question>
events/<slug:event>/submissions/<uuid:submission>/cancel/                POST submissions/<submission>/cancel
events/<slug:event>/submissions/<uuid:submission>/choose/                POST submissions/<submission>/choose
events/<slug:event>/submissions/<uuid:submission>/disqualify/            POST submissions/<submission>/disqualify
events/<slug:event>/submissions/<uuid:submission>/note/                  PATCH submissions/<submission>
events/<slug:event>/submissions/<uuid:submission>/retry/                 POST submissions/<submission>/retry
events/<slug:event>/submissions/<uuid:submission>/submit/                POST submissions/<submission>/submit
events/<slug:event>/submissions/<uuid:submission>/unchoose/              POST submissions/<submission>/unchoose
events/<slug:event>/team/                                                - shows
events/<slug:event>/team/code/                                           POST team/code
events/<slug:event>/team/create/                                         POST teams
events/<slug:event>/team/disband/                                        DELETE team
events/<slug:event>/team/hand-over/                                      POST team/captain
events/<slug:event>/team/join/                                           POST team/join
events/<slug:event>/team/leave/                                          POST team/leave
events/<slug:event>/team/remove/                                         DELETE team/members/<person>
events/<slug:event>/team/rename/                                         PATCH team
events/<slug:event>/team/seek/                                           PATCH team
events/<slug:event>/team/tokens/                                         POST team/tokens
events/<slug:event>/team/tokens/<int:token>/revoke/                      DELETE team/tokens/<team_token>
events/<slug:event>/teams/                                               - shows
events/<slug:event>/teams/<int:team>/ask/                                POST teams/<team>/ask
events/<slug:event>/teams/<int:team>/coach/                              POST teams/<team>/coach
events/<slug:event>/teams/<int:team>/empty/                              POST teams/<team>/empty
events/<slug:event>/teams/<int:team>/rename/                             PATCH teams/<team>
events/<slug:event>/teams/assign/                                        - proposal
events/<slug:event>/teams/find/                                          PATCH profile
events/<slug:event>/teams/move/                                          POST teams/<team>/members
events/<slug:event>/teams/words/                                         PATCH unwelcome-words
events/<slug:event>/webhooks/                                            POST webhooks
events/<slug:event>/webhooks/<int:hook>/pause/                           POST webhooks/<hook>/<do>
events/<slug:event>/webhooks/<int:hook>/remove/                          DELETE webhooks/<hook>
events/<slug:event>/webhooks/<int:hook>/resume/                          POST webhooks/<hook>/<do>
events/<slug:event>/webhooks/<int:hook>/secret/                          POST webhooks/<hook>/secret
events/<slug:event>/webhooks/<int:hook>/test/                            POST webhooks/<hook>/<do>
events/<slug:event>/webhooks/deliveries/<uuid:delivery>/again/           POST webhooks/deliveries/<delivery>/again
events/new/                                                              - begin
invitations/<str:token>/                                                 - link
open/<int:session>/                                                      - link
open/cancel/<str:token>/                                                 - link
outbox/                                                                  - shows
"""  # noqa: E501


def lines() -> dict[str, str]:
    """What stands in the table, by the page's address."""
    parted = (line.split(maxsplit=1) for line in TABLE.strip().splitlines())
    return {page: done.strip() for page, done in parted}


def within_an_event() -> set[str]:
    """What the API does within an event, as the table writes it."""
    start = f"{API}events/<slug:event>/"
    return {f"{verb} {route.removeprefix(start)}" for verb, route in operations() if route.startswith(start)}


def test_each_form_of_a_page_has_a_line() -> None:
    missing = sorted(pages_with_forms() - lines().keys())
    assert not missing, f"Say what of /{API} does the same, or why nothing does: {', '.join(missing)}"


def test_no_line_is_of_a_page_that_is_gone() -> None:
    assert sorted(lines().keys() - pages_with_forms()) == []


def test_what_the_lines_name_is_there() -> None:
    known, said = within_an_event(), lines().values()
    named = {each.strip() for line in said if not line.startswith("-") for each in line.split(",")}
    assert sorted(named - known) == []
    assert {line.removeprefix("- ") for line in said if line.startswith("-")} == REASONS.keys()
