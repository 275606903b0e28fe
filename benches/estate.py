"""A large organisation's configuration: 500 rows of assignments in a CSV table, and 20 HR systems' sources."""

ROWS = 500
SYSTEMS = 20

_SOURCE = """
[[source]]
name = "system-{n}"
when = 'system == "hr-{n}" and kind in ["hired", "rehired"]'
[source.fields]
employee_id = "hire.number"
given_name = "hire.name.first"
family_name = "hire.name.last"
email = '(hire.emails | selectattr("type", "eq", "work") | first).value'
department.code = "hire.unit"
job.code = "hire.role"
location = "hire.site"
start_date = "hire.start"
"""

_ASSIGNMENT = """
[[assignment]]
name = "by-department"
table = "departments.csv"
phone_config = { PhoneType = "SOFT_PHONE", AutoAccept = false, AfterContactWorkTimeLimit = 30 }
"""


def write(folder, shipped):
    """Writes the configuration: the shipped one's head, with these sources and assignments in place of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    head = shipped[: shipped.index("[[assignment]]")]
    sources = "".join(_SOURCE.format(n=n) for n in range(1, SYSTEMS + 1))
    (folder / "provisioner.toml").write_text(head + sources + _ASSIGNMENT)
    (folder / "departments.csv").write_text("\n".join(_rows()) + "\n")


def department(row):
    return f"D{row:03}"


def _rows():
    yield "department.code,job.code,routing_profile,security_profiles,hierarchy_group,tags.cost-centre,tags.site"
    for row in range(ROWS):
        routing = ("Customer Care Voice", "Customer Care Chat")[row % 2]
        security = ("Agent", "Agent|CallCenterManager")[row % 2]
        job = ("AGT1", "AGT*")[row % 2]
        yield (
            f"{department(row)},{job},{routing},{security},EMEA|United Kingdom|Leeds,"
            "{{ department.code }},{{ location }}"
        )
