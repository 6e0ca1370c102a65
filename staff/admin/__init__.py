"""The pages of the audit log and the house rules, and what the admin pages of all applications share.

Every page is an `AuditedAdmin`: its forms and actions ask for a reason, write in one transaction
with an entry of the audit log, and list what has been done before.
"""

from django.contrib import admin
from django.contrib.auth.models import Group

from staff.admin.acting import ActionForm, Single, service_action
from staff.admin.audited import AuditedAdmin
from staff.admin.house import HouseRulesAdmin
from staff.admin.log import AuditEntryAdmin
from staff.admin.readonly import ReadOnly, ReadOnlyAdmin
from staff.models import AuditEntry, HouseRules

__all__ = ["ActionForm", "AuditedAdmin", "ReadOnly", "ReadOnlyAdmin", "Single", "service_action"]

admin.site.site_header = admin.site.site_title = "Unitemate"
admin.site.index_template = "staff/index.html"
admin.site.register(HouseRules, HouseRulesAdmin)
admin.site.register(AuditEntry, AuditEntryAdmin)
admin.site.unregister(Group)  # what the two roles may do is not for the admin to change
